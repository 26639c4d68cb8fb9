import { BlockList } from 'node:net'
import { z } from 'zod'
import { ipText, parseIp } from '../../../domain/chain/wire/ip-text.ts'
import { NET } from '../../../domain/chain/wire/net-address.ts'
import type { Clock } from '../../clock/port.ts'
import { readState, writeState } from './state-file.ts'

/** Addresses that are not heard, for a time. Kept in a file. */
export type Ban = {
  /** `192.0.2.1/32` */
  readonly subnet: string
  /** Unix seconds. */
  readonly createdS: number
  readonly untilS: number
}

export interface BanList {
  has(host: string): boolean
  all(): Ban[]
  /** @returns false when exactly this is banned already. Of too many, those that end first are let go of. */
  add(subnet: string, untilS: number): boolean
  remove(subnet: string): boolean
  clear(): void
}

const bansFile = z.array(
  z.object({
    subnet: z.string().max(60),
    createdS: z.number().int().nonnegative(),
    untilS: z.number().int().positive(),
  }),
)

/** An address, or one and the length of its prefix, in the one form that is stored; undefined for what is neither. */
export const subnetOf = (text: string): string | undefined => {
  const [address = '', prefix, ...more] = text.split('/')
  const ip = parseIp(address)
  if (ip === undefined || more.length > 0) return undefined
  const bits = ip.net === NET.ipv4 ? 32 : 128
  const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1
  if (length < 0 || length > bits) return undefined
  const bytes = ip.bytes.map((byte, i) => byte & (0xff << (8 - Math.min(8, Math.max(0, length - 8 * i)))))
  return `${ipText({ net: ip.net, bytes })}/${length}`
}

export const openBanList = (path: string, clock: Clock, most: number): BanList => {
  const bans = new Map<string, Ban>()
  for (const ban of readState(path, bansFile.max(most)) ?? [])
    if (subnetOf(ban.subnet) === ban.subnet) bans.set(ban.subnet, ban)
  let listed: BlockList | undefined

  const nowS = () => Math.floor(clock.now() / 1000)
  const sweep = (): void => {
    for (const ban of bans.values()) if (ban.untilS <= nowS()) changed(() => bans.delete(ban.subnet))
  }
  const changed = <T>(change: () => T): T => {
    const result = change()
    listed = undefined
    writeState(path, [...bans.values()])
    return result
  }
  const list = (): BlockList => {
    if (listed !== undefined) return listed
    listed = new BlockList()
    for (const subnet of bans.keys()) {
      const [address, length] = subnet.split('/') as [string, string]
      listed.addSubnet(address, Number(length), address.includes(':') ? 'ipv6' : 'ipv4')
    }
    return listed
  }

  return {
    has: (host) => {
      sweep()
      const ip = parseIp(host)
      return ip !== undefined && bans.size > 0 && list().check(ipText(ip)!, ip.net === NET.ipv4 ? 'ipv4' : 'ipv6')
    },
    all: () => {
      sweep()
      return [...bans.values()].sort((a, b) => a.subnet.localeCompare(b.subnet))
    },
    add: (subnet, untilS) => {
      sweep()
      if (bans.has(subnet)) return false
      return changed(() => {
        bans.set(subnet, { subnet, createdS: nowS(), untilS })
        const inOrder = [...bans.values()].sort((a, b) => a.untilS - b.untilS)
        for (const { subnet: gone } of inOrder.slice(0, Math.max(0, bans.size - most))) bans.delete(gone)
        return true
      })
    },
    remove: (subnet) => bans.has(subnet) && changed(() => bans.delete(subnet)),
    clear: () => changed(() => bans.clear()),
  }
}

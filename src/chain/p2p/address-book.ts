import { z } from 'zod'
import { parseIp, reachOf } from '../../../domain/chain/wire/ip-text.ts'
import { SERVICE } from '../../../domain/chain/wire/version.ts'
import type { Clock } from '../../clock/port.ts'
import type { P2pLimits } from './limits.ts'
import { type HostPort, hostPortText } from './port.ts'
import { readState, writeState } from './state-file.ts'

/** A node that was heard of. */
export type BookEntry = HostPort & {
  readonly services: bigint
  /** When it was last seen, as was told; Unix seconds. */
  readonly seenS: number
  /** Who told of it: one source fills no more than its share. */
  readonly source: string
  /** Calls in a row that did not reach it. */
  readonly failures: number
  /** Of the last call, Unix seconds; 0 for never. */
  readonly calledS: number
}

/** Where other nodes are, kept in a file. */
export interface AddressBook {
  readonly size: number
  all(): BookEntry[]
  add(found: HostPort & { services: bigint; seenS: number }, source: string): boolean
  /** A call was answered by a node of this network, or was not. */
  called(at: HostPort, reached: boolean): void
  forget(at: HostPort): void
  save(): void
}

const bookFile = z.array(
  z.object({
    host: z.string().max(45),
    port: z.number().int().min(1).max(65_535),
    services: z.string().regex(/^\d{1,20}$/),
    seenS: z.number().int().nonnegative(),
    source: z.string().max(45),
    failures: z.number().int().min(0).max(1000),
    calledS: z.number().int().nonnegative(),
  }),
)

/** What was not seen for longer is not passed on, and leaves first. */
const STALE_S = 30 * 24 * 3600
/** Nodes that were not reached so many times in a row leave. */
const MOST_FAILURES = 10

/** Those who share the first two bytes (IPv4) or four (IPv6) of an address are one source: addresses are cheap in bulk. */
export const sourceOf = (host: string): string => {
  const ip = parseIp(host)
  if (ip === undefined) return host
  return reachOf(ip) === 'world' ? ip.bytes.subarray(0, ip.bytes.length === 4 ? 2 : 4).join('.') : host
}

export const openAddressBook = (path: string, clock: Clock, limits: P2pLimits): AddressBook => {
  const entries = new Map<string, BookEntry>()
  for (const stored of readState(path, bookFile.max(limits.addresses)) ?? [])
    if (parseIp(stored.host) !== undefined)
      entries.set(hostPortText(stored), { ...stored, services: BigInt(stored.services) })
  const nowS = () => Math.floor(clock.now() / 1000)

  /** The least worth keeping: never reached in many calls, then what was seen longest ago. */
  const worst = (of: readonly BookEntry[]): BookEntry | undefined =>
    of.reduce<BookEntry | undefined>(
      (least, one) =>
        least === undefined ||
        one.failures > least.failures ||
        (one.failures === least.failures && one.seenS < least.seenS)
          ? one
          : least,
      undefined,
    )
  const remove = (entry: BookEntry | undefined): void => {
    if (entry !== undefined) entries.delete(hostPortText(entry))
  }

  return {
    get size() {
      return entries.size
    },
    all: () => [...entries.values()],
    add: ({ host, port, services, seenS }, source) => {
      if (port === 0 || (services & SERVICE.network) === 0n || seenS < nowS() - STALE_S) return false
      const key = hostPortText({ host, port })
      // Nobody is seen in the future.
      const seen = Math.min(seenS, nowS())
      const known = entries.get(key)
      if (known !== undefined) {
        entries.set(key, { ...known, services: known.services | services, seenS: Math.max(known.seenS, seen) })
        return true
      }
      const own = [...entries.values()].filter((entry) => entry.source === source)
      if (own.length >= limits.addressesPerSource) remove(worst(own))
      if (entries.size >= limits.addresses) remove(worst([...entries.values()]))
      entries.set(key, { host, port, services, seenS: seen, source, failures: 0, calledS: 0 })
      return true
    },
    called: (at, reached) => {
      const key = hostPortText(at)
      const known = entries.get(key)
      if (known === undefined) return
      const failures = reached ? 0 : known.failures + 1
      if (failures > MOST_FAILURES) entries.delete(key)
      else entries.set(key, { ...known, failures, calledS: nowS(), ...(reached ? { seenS: nowS() } : {}) })
    },
    forget: (at) => {
      entries.delete(hostPortText(at))
    },
    save: () => {
      writeState(
        path,
        [...entries.values()].map((entry) => ({ ...entry, services: String(entry.services) })),
      )
    },
  }
}

import { NET, type NetAddress } from './net-address.ts'

/** `192.0.2.1`, or an IPv6 address as RFC 5952 has it, `2001:db8::1`; undefined for what is neither. */
export const ipText = ({ net, bytes }: Pick<NetAddress, 'net' | 'bytes'>): string | undefined => {
  if (net === NET.ipv4) return bytes.join('.')
  if (net !== NET.ipv6) return undefined
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16))
  const run = longestZeros(groups)
  if (run.length < 2) return groups.join(':')
  return `${groups.slice(0, run.at).join(':')}::${groups.slice(run.at + run.length).join(':')}`
}

/** The first of the longest rows of zeros. */
const longestZeros = (groups: readonly string[]): { at: number; length: number } => {
  let longest = { at: 0, length: 0 }
  for (let at = 0; at < groups.length; at++) {
    let length = 0
    while (groups[at + length] === '0') length++
    if (length > longest.length) longest = { at, length }
  }
  return longest
}

/** The address of a text in the form of `ipText`, or in any short form of IPv6; undefined for what is no IP address. */
export const parseIp = (text: string): Pick<NetAddress, 'net' | 'bytes'> | undefined => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)?.[1]
  return parseIpv4(mapped ?? text) ?? parseIpv6(text)
}

const parseIpv4 = (text: string) => {
  if (!/^(\d{1,3})(\.\d{1,3}){3}$/.test(text)) return undefined
  const parts = text.split('.').map(Number)
  return parts.every((part) => part <= 255) ? { net: NET.ipv4, bytes: Uint8Array.from(parts) } : undefined
}

const parseIpv6 = (text: string) => {
  if (!/^[0-9a-fA-F:]{2,39}$/.test(text)) return undefined
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')))
  if (head === undefined) return undefined
  const missing = 8 - head.length - (tail?.length ?? 0)
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  const groups = [...head, ...Array<string>(Math.max(0, missing)).fill('0'), ...(tail ?? [])]
  if (groups.length !== 8 || !groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined
  const bytes = groups.flatMap((group) => [Number.parseInt(group, 16) >>> 8, Number.parseInt(group, 16) & 0xff])
  return { net: NET.ipv6, bytes: Uint8Array.from(bytes) }
}

/** How far an address reaches: the machine itself, a network behind a router, or the world. */
export type Reach = 'machine' | 'local' | 'world'

/** RFC 1122, 1918, 3927, 4193, 4291. */
export const reachOf = ({ net, bytes }: Pick<NetAddress, 'net' | 'bytes'>): Reach => {
  const [a = 0, b = 0] = bytes
  if (net === NET.ipv4) {
    if (a === 127 || a === 0) return 'machine'
    return a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 169 && b === 254)
      ? 'local'
      : 'world'
  }
  if (net !== NET.ipv6) return 'world'
  if (bytes.subarray(0, 15).every((byte) => byte === 0)) return 'machine'
  return (a & 0xfe) === 0xfc || (a === 0xfe && (b & 0xc0) === 0x80) ? 'local' : 'world'
}

import { parseIp } from '../../../domain/chain/wire/ip-text.ts'
import type { HostPort } from './port.ts'

/** `HOST`, `HOST:PORT`, `[IPv6]:PORT` or an IPv6 address alone; undefined for what is none of these. */
export const parseHostPort = (text: string, usualPort: number): HostPort | undefined => {
  if (text.includes(':') && parseIp(text) !== undefined) return { host: text, port: usualPort }
  const found = /^(?:\[([0-9a-fA-F:.]+)\]|([a-zA-Z0-9.-]{1,253}))(?::(\d{1,5}))?$/.exec(text)
  if (found === null) return undefined
  const [, ipv6, plain, digits] = found
  const port = digits === undefined ? usualPort : Number(digits)
  if (port < 1 || port > 65_535 || (ipv6 !== undefined && parseIp(ipv6) === undefined)) return undefined
  return { host: (ipv6 ?? plain)!, port }
}

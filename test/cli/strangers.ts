import type { Fact } from '../../domain/fact.ts'
import { goldenStreams } from '../histories/golden.ts'

/** What could drive a terminal, turn the reading direction, hide, or look like lines of ours. */
export const EVIL = '\u001b]0;owned\u0007\u001b[2J\u009b1m\u202egnp\u2066\u200b\r\nzennet: done\u2028\u{e0041}'
/** Fields in which a stranger's own words stand. */
const FREE = new Set(['label', 'image', 'why', 'remote', 'cpuModel', 'want', 'have', 'user', 'hostKey', 'host'])

/** Names of a login and of marks are short: as much of it as fits. */
const SHORT = 40
const short = (text: string): string => [...text].slice(0, SHORT - 2).join('')

/** Of these `why` is a code of ours. */
const CODED = new Set<unknown>(['lease.starved', 'lease.inside-unread'])

/** A fact in which every text of the other side is hostile. */
export const hostile = (value: unknown, key = ''): unknown => {
  if (typeof value === 'string') {
    if (!FREE.has(key)) return value
    return key === 'user' ? short(`${value}${EVIL}`) : `${value}${EVIL}`
  }
  if (Array.isArray(value)) return value.map((item) => hostile(item, key))
  if (typeof value !== 'object' || value === null || ('type' in value && CODED.has(value.type))) return value
  const named = Object.entries(value).map(([name, item]): [string, unknown] => [name, hostile(item, name)])
  // Marks are named by the provider.
  return Object.fromEntries(key === 'marks' ? [...named, [short(`mark${EVIL}`), 1]] : named)
}

/** The golden histories of leases and announcements, with such words. */
export const hostileStreams = (): ReadonlyMap<string, readonly Fact[]> =>
  new Map(
    ['lease-publisher.v1.jsonl', 'announcement.v1.jsonl'].flatMap((file) =>
      [...goldenStreams(file)].map(([stream, facts]) => [stream, facts.map((fact) => hostile(fact) as Fact)] as const),
    ),
  )

import type { Clock } from '../../clock/port.ts'

/** Leases that providers at one address may begin at once; each is written down before the stranger has shown anything. */
export const ADMISSIONS_AT_ONCE = 1_000
/** One more after so long, ms: a stranger with new keys for ever fills some megabytes of the log a day. */
export const ADMISSION_EVERY_MS = 10_000
/** Addresses that are remembered; the one unheard of for longest goes first. */
const ADDRESSES_MAX = 10_000

type Bucket = { readonly left: number; readonly atMs: number }

/** How many leases strangers may begin, by where they call from: keys cost nothing, addresses do. */
export class Admissions {
  readonly #buckets = new Map<string, Bucket>()
  readonly #clock: Pick<Clock, 'steadyUs'>

  constructor(clock: Pick<Clock, 'steadyUs'>) {
    this.#clock = clock
  }

  /** Takes one of what `remote` (`host:port`) may begin. @returns false when nothing is left */
  take(remote: string): boolean {
    const address = networkOf(remote)
    const now = this.#clock.steadyUs() / 1_000
    const { left, atMs } = this.#buckets.get(address) ?? { left: ADMISSIONS_AT_ONCE, atMs: now }
    const has = Math.min(ADMISSIONS_AT_ONCE, left + (now - atMs) / ADMISSION_EVERY_MS)
    this.#buckets.delete(address)
    this.#buckets.set(address, { left: has >= 1 ? has - 1 : has, atMs: now })
    const [oldest] = this.#buckets.keys()
    if (this.#buckets.size > ADDRESSES_MAX && oldest !== undefined) this.#buckets.delete(oldest)
    return has >= 1
  }
}

/** Without the port; of IPv6 the /64 that one customer gets whole. */
const networkOf = (remote: string): string => {
  const host = remote.slice(0, remote.lastIndexOf(':'))
  return host.includes(':') && !host.includes('.') ? groupsOf(host).slice(0, 4).join(':') : host
}

const groupsOf = (host: string): string[] => {
  const [head = '', tail] = host.split('::').map((half) => half.split(':').filter((group) => group !== ''))
  if (tail === undefined) return [...head]
  return [...head, ...Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0'), ...tail]
}

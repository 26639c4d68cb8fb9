import { FAILED_LOGINS_PER_MINUTE_MAX } from './port.ts'

const MINUTE_MS = 60_000
/** The oldest is forgotten first. */
const ADDRESSES_MAX = 10_000

/** Connections that proved no key, by address: a key exchange costs more than the refusal of one. */
export const failedLogins = (now: () => number) => {
  const counts = new Map<string, { since: number; count: number }>()
  const of = (address: string) => {
    const known = counts.get(address)
    return known !== undefined && now() - known.since < MINUTE_MS ? known : undefined
  }
  return {
    isTooMany: (address: string): boolean => (of(address)?.count ?? 0) >= FAILED_LOGINS_PER_MINUTE_MAX,
    failed: (address: string): void => {
      const known = of(address) ?? { since: now(), count: 0 }
      known.count += 1
      counts.delete(address)
      counts.set(address, known)
      if (counts.size > ADDRESSES_MAX) counts.delete(counts.keys().next().value!)
    },
  }
}

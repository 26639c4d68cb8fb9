import type { Fact } from '../../domain/fact.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { leaseIdNumber, metered, toMetering, toSettled } from '../projections/lease-history.ts'

/** A lease from its search to its settlement, with words of its own in each personal field. */
export const secretOf = (n: number) => `secret-${String(n).padStart(3, '0')}-words`
/** So often that a row fills pages of its own, which are free when it is forgotten. */
const LONG = 400
export const told = (n: number, facts: readonly LeaseFact[]): Fact[] =>
  facts.map((fact) => {
    const secret = secretOf(n)
    if ('remote' in fact) return { ...fact, remote: `${secret}:4001` }
    if ('shell' in fact) return { ...fact, shell: { user: 'u', hostKey: `ssh-ed25519 ${secret}` } }
    if ('why' in fact && fact.type !== 'lease.starved') return { ...fact, why: `${secret} said so` }
    if ('terms' in fact)
      return {
        ...fact,
        terms: {
          ...fact.terms,
          shell: { user: 'u', authorizedKeys: [`ssh-ed25519 ${secret.repeat(LONG)}`], hostKey: secret },
        },
      }
    return fact
  })
export const running = (n: number): Fact[] => told(n, [...toMetering(leaseIdNumber(n)), metered(leaseIdNumber(n), 1)])
export const over = (n: number): Fact[] => [...running(n), ...told(n, toSettled(7n))]

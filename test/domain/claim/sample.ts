import type { ClaimCommand } from '../../../domain/claim/claim.ts'
import type { ClaimFact } from '../../../domain/claim/facts.ts'

const AT = 1_800_000_000_000
type FactOf<T extends ClaimFact['type']> = Extract<ClaimFact, { type: T }>

/** One of each fact; `salt` varies what may vary. */
export const claimFacts = (salt = 0): { readonly [T in ClaimFact['type']]: FactOf<T> } => ({
  'claim.taken': { type: 'claim.taken', at: AT + salt, owner: `node-${salt % 3}`, ttlMs: 10_000 + salt },
  'claim.released': { type: 'claim.released', at: AT + salt, owner: `node-${salt % 3}` },
})

/** Some of each command. */
export const claimCommands = (salt = 0): readonly ClaimCommand[] => {
  const at = AT + salt
  const owner = `node-${salt % 3}`
  return [
    { kind: 'take', at, owner, ttlMs: 10_000 },
    { kind: 'take', at, owner, ttlMs: 10_000, over: salt % 4 },
    { kind: 'release', at, owner },
  ]
}

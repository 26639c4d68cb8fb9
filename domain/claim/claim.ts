import { chartDecider, type StateOf } from '../decider.ts'
import type { Refusal } from '../fact.ts'
import { claimChart } from './chart.ts'
import type { ClaimFact } from './facts.ts'

export type ClaimCommand =
  | {
      readonly kind: 'take'
      readonly at: number
      readonly owner: string
      readonly ttlMs: number
      /** The term whose owner has been silent for its `ttlMs`: it may be taken over. */
      readonly over?: number
    }
  | { readonly kind: 'release'; readonly at: number; readonly owner: string }

/** `held`: somebody else has it. */
export type ClaimRefusal = 'held'

export type ClaimState = StateOf<typeof claimChart>

const propose = (
  command: ClaimCommand,
  { value, context }: ClaimState,
): readonly ClaimFact[] | Refusal<ClaimRefusal> => {
  const { at, owner } = command
  const own = value === 'held' && context.owner === owner
  switch (command.kind) {
    case 'take':
      if (own) return []
      return value === 'held' && context.term !== command.over
        ? { refused: 'held', why: `${context.owner} has it` }
        : [{ type: 'claim.taken', at, owner, ttlMs: command.ttlMs }]
    case 'release':
      return own ? [{ type: 'claim.released', at, owner }] : []
  }
}

/** Rules of a claim's stream. */
export const claim = chartDecider(claimChart, propose)

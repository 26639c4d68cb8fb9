import { fingerprintOf, sourceOf } from '../chart-fingerprint.ts'
import type { Decider } from '../decider.ts'
import type { BlockRef } from './block.ts'
import type { ChainFact } from './facts.ts'

/** Where a node's log has followed the chain to: the newest blocks, newest last. */
export type FollowedChain = { readonly recent: readonly BlockRef[] }

export type FollowCommand =
  | ({ readonly kind: 'connect' } & Omit<Extract<ChainFact, { type: 'chain.connected' }>, 'type'>)
  | ({ readonly kind: 'disconnect' } & Omit<Extract<ChainFact, { type: 'chain.disconnected' }>, 'type'>)

/** `not-next`: a block that does not follow the newest one known, or a disconnect of another than that. */
export type FollowRefusal = 'not-next'

/** Blocks remembered in the state: enough to find the place after any reorganisation that is not an attack. */
export const REMEMBERED_BLOCKS = 200

const evolve = (state: FollowedChain, fact: ChainFact): FollowedChain =>
  fact.type === 'chain.disconnected'
    ? { recent: state.recent.slice(0, -1) }
    : { recent: [...state.recent, { hash: fact.hash, height: fact.height }].slice(-REMEMBERED_BLOCKS) }

const isFollowedChain = (value: unknown): value is FollowedChain =>
  typeof value === 'object' && value !== null && 'recent' in value && Array.isArray(value.recent)

const tipOf = (state: FollowedChain): BlockRef | undefined => state.recent.at(-1)

/** Rules of the stream `chain`: blocks in order, each once, the newest taken back first. */
export const followedChain: Decider<FollowCommand, FollowedChain, ChainFact, FollowRefusal> = {
  initial: { recent: [] },
  decide(command, state) {
    const tip = tipOf(state)
    const { at, height, hash } = command
    if (command.kind === 'disconnect') {
      if (tip?.hash === hash) return [{ type: 'chain.disconnected', at, height, hash }]
      return state.recent.some((block) => block.hash === hash)
        ? { refused: 'not-next', why: `block ${height} is not the newest` }
        : []
    }
    if (state.recent.some((block) => block.hash === hash)) return []
    if (tip && tip.hash !== command.previous)
      return { refused: 'not-next', why: `block ${height} does not follow ${tip.height}` }
    const { previous, time, transactions } = command
    return [{ type: 'chain.connected', at, height, hash, previous, time, transactions }]
  },
  evolve,
  // The log has a fact for each block there ever was.
  keeping: {
    fingerprint: fingerprintOf([sourceOf(evolve), REMEMBERED_BLOCKS]),
    freeze: (state) => state,
    thaw: (frozen) => (isFollowedChain(frozen) ? frozen : undefined),
  },
}

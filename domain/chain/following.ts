import { fingerprintOf, sourceOf } from '../chart-fingerprint.ts'
import type { Decider } from '../decider.ts'
import type { BlockRef } from './block.ts'
import { type ChainFact, SUMMARIES_PER_FACT } from './facts.ts'

/** Where a node's log has followed the chain to: the newest blocks, newest last. */
export type FollowedChain = { readonly recent: readonly BlockRef[] }

type FactOf<T extends ChainFact['type']> = Extract<ChainFact, { type: T }>

export type FollowCommand =
  | ({ readonly kind: 'connect' } & Omit<FactOf<'chain.connected'>, 'type'> & {
        /** The blocks that were taken back just before, newest first. */
        readonly gone?: readonly BlockRef[]
      })
  | ({ readonly kind: 'disconnect' } & Omit<FactOf<'chain.disconnected'>, 'type'>)

/** `not-next`: a block that does not follow the newest one known, or a disconnect of another than that. */
export type FollowRefusal = 'not-next'

/** Blocks remembered in the state: enough to find the place after any reorganisation that is not an attack. */
export const REMEMBERED_BLOCKS = 200

const evolve = (state: FollowedChain, fact: ChainFact): FollowedChain => {
  switch (fact.type) {
    case 'chain.connected':
      return { recent: [...state.recent, { hash: fact.hash, height: fact.height }].slice(-REMEMBERED_BLOCKS) }
    case 'chain.disconnected':
      return { recent: state.recent.slice(0, -1) }
    case 'chain.included':
    case 'chain.reorganised':
      return state
  }
}

const isFollowedChain = (value: unknown): value is FollowedChain =>
  typeof value === 'object' && value !== null && 'recent' in value && Array.isArray(value.recent)

const tipOf = (state: FollowedChain): BlockRef | undefined => state.recent.at(-1)

type Connect = Extract<FollowCommand, { kind: 'connect' }>

const reorganised = ({ at, height, previous, gone = [] }: Connect): ChainFact[] =>
  gone.length === 0
    ? []
    : [
        {
          type: 'chain.reorganised',
          at,
          depth: gone.length,
          height: height - 1,
          hash: previous,
          from: gone[0]!.hash,
        },
      ]

const connected = ({ kind: _, gone: __, transactions, ...block }: Connect): ChainFact[] => {
  const { at, height, hash, time } = block
  const facts: ChainFact[] = [
    { type: 'chain.connected', ...block, transactions: transactions.slice(0, SUMMARIES_PER_FACT) },
  ]
  for (let first = SUMMARIES_PER_FACT; first < transactions.length; first += SUMMARIES_PER_FACT) {
    const more = transactions.slice(first, first + SUMMARIES_PER_FACT)
    facts.push({ type: 'chain.included', at, height, hash, time, first, transactions: more })
  }
  return facts
}

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
    return [...reorganised(command), ...connected(command)]
  },
  evolve,
  // The log has a fact for each block there ever was.
  keeping: {
    fingerprint: fingerprintOf([sourceOf(evolve), REMEMBERED_BLOCKS]),
    freeze: (state) => state,
    thaw: (frozen) => (isFollowedChain(frozen) ? frozen : undefined),
  },
}

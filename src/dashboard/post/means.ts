import { graphql, type ResultOf } from '../graphql.ts'

/** What there is to rent with, as the node has it. */
export const MEANS = graphql(`
  query Means {
    status { position at height network roles chain endpoint }
    balance { confirmedSats unconfirmedSats immatureSats }
    budget { limitSats leftSats }
    walletLock { locked }
    blocks(first: 1) { edges { node { id height time } } }
  }
`)
export type Begun = ResultOf<typeof MEANS>

/** A chain whose newest block is older than this is not level with others, or stands still, ms. */
const OLD_MS = 2 * 3_600_000

export type Means = {
  readonly rents: boolean
  readonly isOpen: boolean
  /** Where the chain stands. `none`: no block yet. `old`: none came for long. */
  readonly chain: 'none' | 'old' | 'level'
  readonly hasSats: bigint
  /** Mined, not old enough to be spent. */
  readonly soonSats: bigint
}

/** What is there to rent with. */
export const meansOf = ({ status, balance, walletLock, blocks }: Begun): Means => {
  const newest = blocks.edges[0]?.node
  const ageMs = newest === undefined ? 0 : Date.parse(status.at) - Date.parse(newest.time)
  return {
    rents: status.roles.includes('publisher'),
    isOpen: !walletLock.locked,
    chain: newest === undefined ? 'none' : ageMs > OLD_MS ? 'old' : 'level',
    hasSats: BigInt(balance.confirmedSats) + BigInt(balance.unconfirmedSats),
    soonSats: BigInt(balance.immatureSats),
  }
}

import { graphql, type ResultOf } from '../graphql.ts'
import { blockAgeS, OLD_BLOCK_S } from '../part/block-age.ts'

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
  const ageS = blockAgeS(status.at, newest?.time)
  return {
    rents: status.roles.includes('publisher'),
    isOpen: !walletLock.locked,
    chain: ageS === undefined ? 'none' : ageS > OLD_BLOCK_S ? 'old' : 'level',
    hasSats: BigInt(balance.confirmedSats) + BigInt(balance.unconfirmedSats),
    soonSats: BigInt(balance.immatureSats),
  }
}

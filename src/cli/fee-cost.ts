import type { Cost } from './change.ts'
import type { NodeClient } from './node-client.ts'

/** Blocks within which a transaction of a lease or an announcement is to be confirmed. */
const TARGET_BLOCKS = 6

/** What the chain takes for a transaction now, as far as the node's chain engine knows; [] when it does not. */
export const feeRateCost = async (client: NodeClient): Promise<readonly Cost[]> => {
  const { fees } = await client.lookUp<{ fees: { estimates: readonly { feeRate: number | null }[] } }>(
    'query($targets: [Int!]!) { fees(targets: $targets) { estimates { feeRate } } }',
    { targets: [TARGET_BLOCKS] },
  )
  const rate = fees.estimates[0]?.feeRate ?? null
  return rate === null
    ? []
    : [['chain’s fee', `about ${Number(rate.toFixed(2))} sats a virtual byte of each transaction`]]
}

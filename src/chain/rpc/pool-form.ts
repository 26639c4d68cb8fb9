import { signalsReplacement } from '../xencoind/policy.ts'
import type { Pool, PoolEntry } from '../xencoind/pool.ts'
import { toCoins } from './amount.ts'

/** An entry as Core tells it. */
export const poolEntryForm = (pool: Pool, entry: PoolEntry) => {
  const ancestors = [...pool.ancestors(entry).values(), entry]
  const descendants = [...pool.descendants(entry).values(), entry]
  const feesOf = (entries: PoolEntry[]) => toCoins(entries.reduce((sum, one) => sum + pool.modifiedFee(one), 0n))
  const vsizeOf = (entries: PoolEntry[]) => entries.reduce((sum, { vsize }) => sum + vsize, 0)
  return {
    vsize: entry.vsize,
    weight: entry.weight,
    time: Math.floor(entry.enteredAt / 1000),
    height: entry.height,
    descendantcount: descendants.length,
    descendantsize: vsizeOf(descendants),
    ancestorcount: ancestors.length,
    ancestorsize: vsizeOf(ancestors),
    wtxid: entry.wtxid,
    fees: {
      base: toCoins(entry.fee),
      modified: toCoins(pool.modifiedFee(entry)),
      ancestor: feesOf(ancestors),
      descendant: feesOf(descendants),
    },
    depends: pool.parents(entry).map(({ txid }) => txid),
    spentby: pool.children(entry).map(({ txid }) => txid),
    'bip125-replaceable': ancestors.some(({ tx }) => signalsReplacement(tx)),
    // This node has no peers of its own to hand a transaction to, so none waits for that.
    unbroadcast: false,
  }
}

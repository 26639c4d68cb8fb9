import { MAX_BLOCK_SIGOPS_COST } from '../../../domain/chain/sigops.ts'
import type { Pool, PoolEntry } from './pool.ts'

/** Bitcoin's block limit less room for the header and the coinbase, as Core reserves it. */
export const MAX_TEMPLATE_WEIGHT = 4_000_000 - 8_000
/** Less room for the coinbase. */
const MAX_TEMPLATE_SIGOPS = MAX_BLOCK_SIGOPS_COST - 400

/**
 * What goes into the next block: packages (a transaction with what it depends on) by fee rate, parents before children.
 * Core re-scores what remains after each package; with at most 25 ancestors the difference is small and this is one sort.
 */
export const selectForBlock = (pool: Pool, maxWeight = MAX_TEMPLATE_WEIGHT): PoolEntry[] => {
  const packages = pool.all().map((entry) => {
    const members = [...pool.ancestors(entry).values(), entry]
    return {
      members,
      fee: members.reduce((sum, member) => sum + pool.modifiedFee(member), 0n),
      vsize: members.reduce((sum, { vsize }) => sum + vsize, 0),
    }
  })
  packages.sort((a, b) => {
    const difference = b.fee * BigInt(a.vsize) - a.fee * BigInt(b.vsize)
    return difference > 0n ? 1 : difference < 0n ? -1 : 0
  })
  const chosen = new Map<string, PoolEntry>()
  let weight = 0
  let sigops = 0
  for (const { members } of packages) {
    const fresh = members.filter(({ txid }) => !chosen.has(txid))
    const addedWeight = fresh.reduce((sum, entry) => sum + entry.weight, 0)
    const addedSigops = fresh.reduce((sum, entry) => sum + entry.sigops, 0)
    if (weight + addedWeight > maxWeight || sigops + addedSigops > MAX_TEMPLATE_SIGOPS) continue
    weight += addedWeight
    sigops += addedSigops
    // An ancestor has fewer ancestors than what descends from it.
    const depth = new Map(fresh.map((entry) => [entry.txid, pool.ancestors(entry).size]))
    fresh.sort((a, b) => depth.get(a.txid)! - depth.get(b.txid)!)
    for (const entry of fresh) chosen.set(entry.txid, entry)
  }
  return [...chosen.values()]
}

import TinyQueue from 'tinyqueue'
import { fromDisplay } from '../../../domain/chain/display-hash.ts'
import { MAX_BLOCK_SIGOPS_COST } from '../../../domain/chain/sigops.ts'
import type { Pool, PoolEntry } from './pool.ts'

/** Bitcoin's block limit less room for the header and the coinbase, as Core reserves it. */
export const MAX_TEMPLATE_WEIGHT = 4_000_000 - 8_000
/** Less room for the coinbase. */
const MAX_TEMPLATE_SIGOPS = MAX_BLOCK_SIGOPS_COST - 400

/** A transaction with those of its ancestors that are not in the block yet. Replaced by a new one when some of them are. */
type Package = {
  readonly entry: PoolEntry
  /** What all of it counts as paying, in sats. */
  readonly fee: bigint
  readonly vsize: number
  /** Ancestors in all: of two of a family, the one with fewer comes first. */
  readonly depth: number
  /** The lower of its own fee rate and that of the package: a poor child is no reason to take a rich parent later. */
  readonly paid: { readonly fee: bigint; readonly vsize: number }
}

/**
 * What goes into the next block: packages (a transaction with what it depends on) by fee rate, parents before children. As in
 * Bitcoin Core up to 30 (`BlockAssembler::addPackageTxs`), what remains of a family is scored anew when some of it was taken.
 */
export const selectForBlock = (pool: Pool, maxWeight = MAX_TEMPLATE_WEIGHT): PoolEntry[] => {
  const open = new Map<string, Package>()
  for (const entry of pool.all()) open.set(entry.txid, packageOf(pool, entry))
  const queue = new TinyQueue([...open.values()], byFeeRate)
  const chosen: PoolEntry[] = []
  let weight = 0
  let sigops = 0
  for (let best = queue.pop(); best !== undefined; best = queue.pop()) {
    // Scored anew since, or taken with a descendant.
    if (open.get(best.entry.txid) !== best) continue
    const members = [best, ...[...pool.ancestors(best.entry).keys()].flatMap((txid) => open.get(txid) ?? [])]
    const addedWeight = members.reduce((sum, { entry }) => sum + entry.weight, 0)
    const addedSigops = members.reduce((sum, { entry }) => sum + entry.sigops, 0)
    if (weight + addedWeight > maxWeight || sigops + addedSigops > MAX_TEMPLATE_SIGOPS) continue
    weight += addedWeight
    sigops += addedSigops
    members.sort((a, b) => a.depth - b.depth || byHash(a, b))
    for (const { entry } of members) {
      chosen.push(entry)
      open.delete(entry.txid)
    }
    for (const { entry } of members)
      for (const txid of pool.descendants(entry).keys()) {
        const descendant = open.get(txid)
        if (descendant === undefined) continue
        const rescored = without(pool, descendant, entry)
        open.set(txid, rescored)
        queue.push(rescored)
      }
  }
  return chosen
}

const packageOf = (pool: Pool, entry: PoolEntry): Package => {
  const ancestors = [...pool.ancestors(entry).values()]
  const own = pool.modifiedFee(entry)
  const fee = ancestors.reduce((sum, ancestor) => sum + pool.modifiedFee(ancestor), own)
  const vsize = ancestors.reduce((sum, ancestor) => sum + ancestor.vsize, entry.vsize)
  return scored(pool, { entry, fee, vsize, depth: ancestors.length })
}

const without = (pool: Pool, { entry, fee, vsize, depth }: Package, taken: PoolEntry): Package =>
  scored(pool, { entry, fee: fee - pool.modifiedFee(taken), vsize: vsize - taken.vsize, depth })

const scored = (pool: Pool, parts: Omit<Package, 'paid'>): Package => {
  const own = { fee: pool.modifiedFee(parts.entry), vsize: parts.entry.vsize }
  return { ...parts, paid: own.fee * BigInt(parts.vsize) < parts.fee * BigInt(own.vsize) ? own : parts }
}

/** Best first. */
const byFeeRate = (a: Package, b: Package): number => {
  const difference = b.paid.fee * BigInt(a.paid.vsize) - a.paid.fee * BigInt(b.paid.vsize)
  return difference > 0n ? 1 : difference < 0n ? -1 : byHash(a, b)
}

/** Core's way to settle a tie: by the bytes of the txid, as they are hashed. */
const byHash = (a: Package, b: Package): number => Buffer.compare(fromDisplay(a.entry.txid), fromDisplay(b.entry.txid))

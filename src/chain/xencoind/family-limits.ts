import { TRUC_VERSION } from './policy.ts'
import type { Pool, PoolEntry } from './pool.ts'

/** Unconfirmed transactions in a row, the new one among them. */
export const MAX_ANCESTORS = 25
export const MAX_DESCENDANTS = 25
/** Virtual bytes of either family, the new one among them. */
export const MAX_FAMILY_VBYTES = 101_000
/** A child up to this size may be one too many, when its parent is its only ancestor: either side of a channel can raise a fee. */
export const EXTRA_DESCENDANT_VBYTES = 10_000

type Candidate = Pick<PoolEntry, 'tx' | 'vsize'>
type Limits = { ancestors: number; descendants: number; descendantVbytes: number }

/** Why the families of a new entry would be too big, in Core's words (txmempool.cpp). @param conflicts what it would replace */
export const familyTooBig = (pool: Pool, entry: Candidate, conflicts: readonly PoolEntry[]): string | undefined => {
  const limits: Limits = { ancestors: MAX_ANCESTORS, descendants: MAX_DESCENDANTS, descendantVbytes: MAX_FAMILY_VBYTES }
  // What it replaces is counted among the descendants still: that much more may be there.
  const [only, ...more] = conflicts
  if (only !== undefined && more.length === 0) {
    limits.descendants += 1
    limits.descendantVbytes += only.vsize + vsizeOf(pool.descendants(only))
  }
  const error = overLimits(pool, entry, limits)
  if (error === undefined) return undefined
  if (entry.vsize > EXTRA_DESCENDANT_VBYTES || entry.tx.version === TRUC_VERSION) return error
  const carveOut = {
    ancestors: 2,
    descendants: limits.descendants + 1,
    descendantVbytes: limits.descendantVbytes + EXTRA_DESCENDANT_VBYTES,
  }
  return overLimits(pool, entry, carveOut) === undefined ? undefined : error
}

/** Walks up in Core's order, so that of several reasons the same one is told. */
const overLimits = (pool: Pool, entry: Candidate, limits: Limits): string | undefined => {
  const tooMany = `too many unconfirmed ancestors [limit: ${limits.ancestors}]`
  const ahead = new Map(pool.parents(entry).map((parent) => [parent.txid, parent]))
  if (ahead.size + 1 > limits.ancestors) return `too many unconfirmed parents [limit: ${limits.ancestors}]`
  const ancestors = new Set<string>()
  let vbytes = entry.vsize
  for (let next = firstOf(ahead); next !== undefined; next = firstOf(ahead)) {
    ahead.delete(next.txid)
    ancestors.add(next.txid)
    vbytes += next.vsize
    const family = pool.descendants(next)
    if (vsizeOf(family) + next.vsize + entry.vsize > limits.descendantVbytes)
      return `exceeds descendant size limit for tx ${next.txid} [limit: ${limits.descendantVbytes}]`
    if (family.size + 2 > limits.descendants)
      return `too many descendants for tx ${next.txid} [limit: ${limits.descendants}]`
    if (vbytes > MAX_FAMILY_VBYTES) return `exceeds ancestor size limit [limit: ${MAX_FAMILY_VBYTES}]`
    for (const parent of pool.parents(next)) if (!ancestors.has(parent.txid)) ahead.set(parent.txid, parent)
    if (ahead.size + ancestors.size + 1 > limits.ancestors) return tooMany
  }
  return undefined
}

/** The first by the bytes of its id as they are on the wire. */
const firstOf = (entries: ReadonlyMap<string, PoolEntry>): PoolEntry | undefined => {
  const [first, ...more] = entries.values()
  if (first === undefined || more.length === 0) return first
  const bytes = ({ txid }: PoolEntry) => Buffer.from(txid, 'hex').reverse()
  return [first, ...more].reduce((least, one) => (bytes(one).compare(bytes(least)) < 0 ? one : least))
}

const vsizeOf = (entries: ReadonlyMap<string, PoolEntry>): number => {
  let sum = 0
  for (const { vsize } of entries.values()) sum += vsize
  return sum
}

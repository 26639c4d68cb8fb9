import { TRUC_VERSION } from './policy.ts'
import type { Pool, PoolEntry } from './pool.ts'

// BIP 431, "topologically restricted until confirmation": version 3 asks for small families, so that a fee can always be raised.

export const MAX_TRUC_VBYTES = 10_000
export const MAX_TRUC_CHILD_VBYTES = 1000
/** A parent and a child. */
export const MAX_TRUC_FAMILY = 2

type Candidate = Pick<PoolEntry, 'tx' | 'txid' | 'wtxid' | 'vsize'>
/** `sibling` may be replaced instead: it is the one child that stands in the way. */
export type TrucViolation = { readonly why: string; readonly sibling?: PoolEntry }

const named = ({ txid, wtxid }: Candidate): string => `tx ${txid} (wtxid=${wtxid})`

/** What is wrong with a new entry by the rules of version 3, in Core's words (policy/truc_policy.cpp). */
export const trucViolation = (
  pool: Pool,
  entry: Candidate,
  conflicts: readonly PoolEntry[],
): TrucViolation | undefined => {
  const isTruc = entry.tx.version === TRUC_VERSION
  const parents = pool.parents(entry)
  for (const parent of parents)
    if ((parent.tx.version === TRUC_VERSION) !== isTruc) {
      const [own, other] = isTruc ? ['version=3', 'non-version=3'] : ['non-version=3', 'version=3']
      return { why: `${own} ${named(entry)} cannot spend from ${other} ${named(parent)}` }
    }
  if (!isTruc) return undefined
  if (entry.vsize > MAX_TRUC_VBYTES)
    return { why: `version=3 ${named(entry)} is too big: ${entry.vsize} > ${MAX_TRUC_VBYTES} virtual bytes` }
  if (parents.length + 1 > MAX_TRUC_FAMILY) return { why: `${named(entry)} would have too many ancestors` }
  const [parent] = parents
  if (parent === undefined) return undefined
  if (entry.vsize > MAX_TRUC_CHILD_VBYTES)
    return {
      why: `version=3 child ${named(entry)} is too big: ${entry.vsize} > ${MAX_TRUC_CHILD_VBYTES} virtual bytes`,
    }
  if (pool.ancestors(parent).size + 2 > MAX_TRUC_FAMILY) return { why: `${named(entry)} would have too many ancestors` }
  const others = [...pool.descendants(parent).values()].filter((one) => !conflicts.includes(one))
  if (others.length === 0) return undefined
  const why = `tx ${parent.txid} (wtxid=${parent.wtxid}) would exceed descendant count limit`
  const [sibling] = others
  return others.length === 1 && sibling !== undefined ? { why, sibling } : { why }
}

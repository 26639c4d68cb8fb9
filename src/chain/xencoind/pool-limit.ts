import type { Clock } from '../../clock/port.ts'
import type { Pool, PoolEntry } from './pool.ts'
import type { RollingFee } from './rolling-fee.ts'

/** Memory of the whole mempool, as `pool.usageBytes` counts it. */
export const MAX_POOL_BYTES = 80_000_000
/** A transaction that no block took in this time is forgotten (Core: -mempoolexpiry). */
export const POOL_EXPIRY_MS = 336 * 60 * 60 * 1000
/** A full mempool is emptied by this much more than needed: finding what pays least looks at all of it, and not for each newcomer. */
const ROOM = 1 / 64

/** What is too old is looked for this often: looking goes through all of it. */
const EXPIRY_CHECK_MS = 60_000

/** Keeps the mempool small. @returns what left */
export type PoolLimit = () => PoolEntry[]

export const newPoolLimit = (parts: {
  readonly pool: Pool
  readonly rolling: RollingFee
  readonly clock: Clock
  readonly maxPoolBytes: number
}): PoolLimit => {
  const { pool, rolling, clock, maxPoolBytes } = parts
  let lookedMs = Number.NEGATIVE_INFINITY
  return () => {
    const gone: PoolEntry[] = []
    const nowMs = clock.now()
    // A clock that was set back must not stop it.
    if (Math.abs(nowMs - lookedMs) >= EXPIRY_CHECK_MS) {
      lookedMs = nowMs
      gone.push(...expire(pool, nowMs))
    }
    gone.push(...trim(pool, rolling, maxPoolBytes))
    return gone
  }
}

/** Takes out what has waited too long, with what depends on it. */
const expire = (pool: Pool, nowMs: number): PoolEntry[] => {
  const gone: PoolEntry[] = []
  for (const entry of pool.all())
    if (pool.get(entry.txid) === entry && entry.enteredAt < nowMs - POOL_EXPIRY_MS) gone.push(...takeOut(pool, entry))
  return gone
}

/**
 * Brings a mempool that is too big back under its limit: what pays least leaves first, with all that depends on it, and the
 * least fee rate rises above what left.
 *
 * @returns what left
 */
const trim = (pool: Pool, rolling: RollingFee, maxBytes: number): PoolEntry[] => {
  if (pool.usageBytes <= maxBytes) return []
  const scored = pool.all().map((entry) => ({ entry, score: descendantRate(pool, entry) }))
  scored.sort((a, b) => (a.score < b.score ? -1 : a.score > b.score ? 1 : b.entry.seq - a.entry.seq))
  const gone: PoolEntry[] = []
  for (const { entry, score } of scored) {
    if (pool.usageBytes <= maxBytes - maxBytes * ROOM) break
    if (pool.get(entry.txid) !== entry) continue
    gone.push(...takeOut(pool, entry))
    rolling.pushedOut(score)
  }
  return gone
}

/** Takes an entry out with all that depends on it. @returns what left */
export const takeOut = (pool: Pool, entry: PoolEntry): PoolEntry[] => {
  const gone = [...pool.descendants(entry).values(), entry]
  for (const one of gone) pool.remove(one)
  return gone
}

/** Sats per 1000 virtual bytes of an entry by itself, or with what depends on it, whichever is more: a child may pay for it. */
const descendantRate = (pool: Pool, entry: PoolEntry): bigint => {
  const own = (pool.modifiedFee(entry) * 1000n) / BigInt(entry.vsize)
  const family = pool.descendants(entry)
  if (family.size === 0) return own
  let fee = pool.modifiedFee(entry)
  let vsize = entry.vsize
  for (const one of family.values()) {
    fee += pool.modifiedFee(one)
    vsize += one.vsize
  }
  const together = (fee * 1000n) / BigInt(vsize)
  return together > own ? together : own
}

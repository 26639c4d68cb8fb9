import type { Transaction } from '../../../domain/chain/transaction.ts'
import type { Admission } from './admission.ts'
import type { Pool, PoolEntry } from './pool.ts'
import type { PoolLimit } from './pool-limit.ts'
import type { PoolLog } from './pool-log.ts'
import type { Refusal } from './refusal.ts'

export type AdmitParts = {
  readonly pool: Pool
  readonly log: PoolLog
  readonly admission: Admission
  readonly limit: PoolLimit
}

/** Puts a transaction into the mempool, in the place of what it replaces and of what pays least when there is no room. */
export const admit = (parts: AdmitParts, tx: Transaction): PoolEntry | Refusal => {
  const { pool, log, admission } = parts
  const verdict = admission.check(tx)
  if ('reject' in verdict) return verdict
  for (const fallen of verdict.replaces) {
    pool.remove(fallen)
    log.note(fallen.tx)
  }
  const entry = pool.add(verdict.entry)
  log.note(tx)
  makeRoom(parts)
  return pool.get(entry.txid) === entry ? entry : { reject: 'mempool full' }
}

/** Takes out what has waited too long and what there is no room for. */
export const makeRoom = ({ log, limit }: Pick<AdmitParts, 'log' | 'limit'>): void => {
  for (const gone of limit()) log.note(gone.tx)
}

import type { Transaction } from '../../../domain/chain/transaction.ts'
import type { Clock } from '../../clock/port.ts'
import type { Admission } from './admission.ts'
import type { Pool, PoolEntry } from './pool.ts'
import { expire, trim } from './pool-limit.ts'
import type { PoolLog } from './pool-log.ts'
import type { Refusal } from './refusal.ts'
import type { RollingFee } from './rolling-fee.ts'

export type AdmitParts = {
  readonly pool: Pool
  readonly log: PoolLog
  readonly admission: Admission
  readonly rolling: RollingFee
  readonly clock: Clock
  readonly maxPoolBytes: number
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
  limit(parts)
  return pool.get(entry.txid) === entry ? entry : { reject: 'mempool full' }
}

/** Takes out what has waited too long and what there is no room for. */
export const limit = ({ pool, log, rolling, clock, maxPoolBytes }: AdmitParts): void => {
  for (const gone of [...expire(pool, clock.now()), ...trim(pool, rolling, maxPoolBytes)]) log.note(gone.tx)
}

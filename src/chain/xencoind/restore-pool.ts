import { decodeTransaction } from '../../../domain/chain/codec.ts'
import type { Admission } from './admission.ts'
import type { MempoolRow } from './mempool-table.ts'
import type { Pool } from './pool.ts'
import type { PoolLog } from './pool-log.ts'
import type { Store } from './store.ts'

type Waiting = { readonly row: MempoolRow; readonly tx: ReturnType<typeof decodeTransaction> }

/**
 * Fills the mempool from its disk copy. The rules are asked again, since the chain may have moved on between the last write
 * and the end of the process; a reorganisation may have left children before parents, so it repeats while it helps.
 */
export const restorePool = (parts: { store: Store; pool: Pool; admission: Admission; log: PoolLog }): void => {
  const { store, pool, admission, log } = parts
  const isBack = ({ row, tx }: Waiting): boolean => {
    const verdict = admission.check(tx, { returning: true })
    if ('reject' in verdict) return false
    pool.add({ ...verdict.entry, seq: row.seq, enteredAt: row.enteredAt })
    return true
  }
  let waiting: Waiting[] = []
  for (const page of store.mempool.pages())
    waiting.push(...page.map((row) => ({ row, tx: decodeTransaction(row.bytes) })).filter((one) => !isBack(one)))
  for (let before = -1; before !== waiting.length; ) {
    before = waiting.length
    waiting = waiting.filter((one) => !isBack(one))
  }
  for (const { tx } of waiting) log.note(tx)
}

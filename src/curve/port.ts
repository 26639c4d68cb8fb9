import type { ScriptError } from '../../domain/chain/script-error.ts'
import type { Transaction, TxOutput } from '../../domain/chain/transaction.ts'

/** A transaction and what each of its inputs spends. */
export type ScriptJob = { readonly tx: Transaction; readonly spent: readonly TxOutput[] }

/** Checks scripts on several cores. The threads begin with the first job, and do not keep a program alive. */
export interface ScriptThreads {
  readonly count: number
  /**
   * For each job why its scripts fail, or undefined; in order.
   *
   * @throws when a thread ended, by itself or with `close`: then nothing was found out
   */
  check(jobs: readonly ScriptJob[]): Promise<readonly (ScriptError | undefined)[]>
  close(): Promise<void>
}

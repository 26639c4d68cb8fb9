import type { ScriptError } from '../../domain/chain/script-error.ts'
import type { TxOutput } from '../../domain/chain/transaction.ts'

/** A transaction in wire form and what each of its inputs spends. */
export type ScriptJob = { readonly bytes: Uint8Array; readonly spent: readonly TxOutput[] }

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

import type { BlockHeader } from '../../../domain/chain/block.ts'

/** More cores than this in one machine mine in several nodes. */
export const MAX_MINING_THREADS = 256

/** Nonces that one thread was told to try under a header, from `from` on. */
export type NonceTurn = { readonly thread: number; readonly from: number; readonly tries: number }

/** Threads that look for work at the lowest priority, so that the node answers, and machines run, while it mines. */
export interface WorkFinder {
  /**
   * Tries all nonces, each once. What is found when `signal` fires is still answered. One call at a time.
   *
   * @param signal the work is not wanted any more: all threads leave off within some ten milliseconds
   * @returns the header with work; undefined when no nonce has it, or it is not wanted any more
   */
  find(header: BlockHeader, signal: AbortSignal): Promise<BlockHeader | undefined>
  close(): Promise<void>
}

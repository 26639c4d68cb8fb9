import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { BlockHeader } from '../../../domain/chain/block.ts'

/** Nonces between two looks at whether the work is still wanted; about half a second of one core. */
export const NONCES_A_TURN = 2_000_000
const NONCES = 0x1_0000_0000

/** A thread that looks for work, so that the node answers while it mines. */
export interface WorkFinder {
  /**
   * Tries all nonces, in turns.
   *
   * @param wanted asked before each turn
   * @returns the header with work; undefined when no nonce has it, or it is not wanted any more
   */
  find(header: BlockHeader, wanted: () => boolean): Promise<BlockHeader | undefined>
  close(): Promise<void>
}

export const openWorkFinder = (): WorkFinder => {
  const thread = new Worker(new URL('./scan-thread.ts', import.meta.url))
  // A node that ends does not wait for its miner.
  thread.unref()
  return {
    find: async (header, wanted) => {
      for (let nonce = 0; nonce < NONCES && wanted(); nonce += NONCES_A_TURN) {
        const answer = once(thread, 'message')
        thread.postMessage({ header: { ...header, nonce }, tries: NONCES_A_TURN })
        const [found] = (await answer) as [BlockHeader | undefined]
        if (found !== undefined) return found
      }
      return undefined
    },
    close: async () => {
      await thread.terminate()
    },
  }
}

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { BlockHeader } from '../../../domain/chain/block.ts'
import type { NonceTurn, WorkFinder } from './port.ts'
import type { MiningOrder, MiningThreadData } from './scan-thread.ts'

/** Nonces that a thread is told of at a time: about two seconds of one core. */
const NONCES_A_TURN = 2 ** 23
const NONCES = 2 ** 32

/** No work is looked for. Jobs are counted from 1. */
const NO_JOB = 0

type FinderOptions = {
  /** How many a thread is told of at a time; divides their number, 2³². */
  readonly noncesATurn?: number
  /** Told what is given out, in order. */
  readonly onTurn?: (turn: NonceTurn) => void
}

export const openWorkFinder = (
  count: number,
  { noncesATurn = NONCES_A_TURN, onTurn = () => {} }: FinderOptions = {},
): WorkFinder => {
  /** The number of the job that is wanted: read by the threads between a few nonces. */
  const wanted = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  const threads = Array.from({ length: count }, () => {
    const workerData = { wanted } satisfies MiningThreadData
    const thread = new Worker(new URL('./scan-thread.ts', import.meta.url), { workerData })
    // A node that ends does not wait for its miner.
    thread.unref()
    return thread
  })
  let jobs = 0
  return {
    find: async (header, signal) => {
      const job = ++jobs
      const leaveOff = () => Atomics.store(wanted, 0, NO_JOB)
      let next = 0
      let found: BlockHeader | undefined
      const work = async (thread: Worker, i: number): Promise<void> => {
        while (found === undefined && !signal.aborted && next < NONCES) {
          const turn = { thread: i, from: next, tries: noncesATurn }
          next += turn.tries
          onTurn(turn)
          const answer = once(thread, 'message')
          thread.postMessage({ job, header: { ...header, nonce: turn.from }, tries: turn.tries } satisfies MiningOrder)
          const [withWork] = (await answer) as [BlockHeader | undefined]
          if (withWork === undefined) continue
          found ??= withWork
          leaveOff()
        }
      }
      Atomics.store(wanted, 0, job)
      signal.addEventListener('abort', leaveOff)
      try {
        await Promise.all(threads.map(work))
      } finally {
        leaveOff()
        signal.removeEventListener('abort', leaveOff)
      }
      return found
    },
    close: async () => {
      await Promise.all(threads.map((thread) => thread.terminate()))
    },
  }
}

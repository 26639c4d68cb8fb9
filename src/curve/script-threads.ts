import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { ScriptError } from '../../domain/chain/script-error.ts'
import type { ScriptJob, ScriptThreads } from './port.ts'
import { packJobs, type ScriptAnswer, type ScriptTurn } from './script-turn.ts'

/** More would wait for each other's memory, and for the processor of whoever rents this machine. */
export const MAX_THREADS = 8
/** Transactions told to a thread at a time, at most: each message costs this thread as much as packing ten of them. */
export const JOBS_A_TURN = 128
/** And of what is left no more than this part of a thread's share, so that all threads end together. */
const TURNS_LEFT = 4
/** But so many: a message is no dearer than the work in it. */
const LEAST_JOBS_A_TURN = 8

/** Turns that a thread has before it answers: it shall not wait for this thread, which is busy with others. */
const TURNS_AHEAD = 2

/** The call that the threads work for. */
type Running = { heard(thread: Worker, answer: ScriptAnswer): void; fail(error: unknown): void }

export const openScriptThreads = (count = Math.min(availableParallelism(), MAX_THREADS)): ScriptThreads => {
  let threads: readonly Worker[] = []
  let running: Running | undefined
  const begin = (): Worker[] =>
    Array.from({ length: count }, () => {
      const thread = new Worker(new URL('./script-thread.ts', import.meta.url))
      thread.unref()
      thread.on('message', (answer: ScriptAnswer) => running?.heard(thread, answer))
      thread.on('error', (error) => running?.fail(error))
      return thread
    })

  const checkNow = (jobs: readonly ScriptJob[]): Promise<(ScriptError | undefined)[]> => {
    if (threads.length === 0) threads = begin()
    const answers: (ScriptError | undefined)[] = new Array(jobs.length).fill(undefined)
    if (jobs.length === 0) return Promise.resolve(answers)
    let next = 0
    let left = jobs.length
    const tell = (thread: Worker): void => {
      if (next >= jobs.length) return
      const share = Math.ceil((jobs.length - next) / (count * TURNS_LEFT))
      const size = Math.min(JOBS_A_TURN, Math.max(LEAST_JOBS_A_TURN, share))
      const packed = packJobs(jobs.slice(next, next + size))
      thread.postMessage({ from: next, jobs: packed } satisfies ScriptTurn, [packed.buffer])
      next += size
    }
    return new Promise((resolve, reject) => {
      running = {
        heard: (thread, { count, failed }) => {
          for (const [at, error] of failed) answers[at] = error
          left -= count
          if (left === 0) resolve(answers)
          else tell(thread)
        },
        fail: reject,
      }
      for (let turn = 0; turn < TURNS_AHEAD; turn++) for (const thread of threads) tell(thread)
    })
  }

  const close = async (): Promise<void> => {
    const ending = threads
    threads = []
    running?.fail(new Error('the script threads are closed'))
    running = undefined
    await Promise.all(ending.map((thread) => thread.terminate()))
  }

  /** Calls do not mix their answers: one after the other. */
  let last: Promise<unknown> = Promise.resolve()
  return {
    count,
    close,
    check: (jobs) => {
      const answers = last.then(() => checkNow(jobs))
      // What is left of threads after one has ended is not used again.
      last = answers.catch(close)
      return answers
    },
  }
}

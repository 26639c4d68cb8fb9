import { Worker } from 'node:worker_threads'
import type { Plan } from './plan.ts'
import { planOf } from './plan.ts'
import { planText, runPlan, shrunk } from './shrink.ts'

/** What a world came to, as it can be told to another thread. */
export type Told = {
  readonly seed: string
  readonly hash: string
  readonly leases: number
  readonly served: number
  readonly events: number
  readonly simulatedMs: number
  readonly violation?: {
    readonly check: string
    readonly node: string | undefined
    readonly message: string
    /** The smallest plan that was found to break the same rule. */
    readonly smallest: string
  }
}

/** Which worlds, of one shape. */
export type Crowd = { readonly minutes?: number; readonly leases?: number }

export const planIn = (crowd: Crowd, seed: string): Plan => planOf({ seed, ...crowd })

/** Runs the world of one seed, and looks for the smallest plan when it fails. */
export const tell = async (crowd: Crowd, seed: string): Promise<Told> => {
  const plan = planIn(crowd, seed)
  const { violation, ...rest } = await runPlan(plan)
  if (violation === undefined) return { seed, ...rest }
  const { check, node, message } = violation
  return { seed, ...rest, violation: { check, node, message, smallest: planText(await shrunk(plan, violation)) } }
}

/** Seeds that a thread is given at a time: few, so that all end together. */
const SEEDS_A_TURN = 4

/**
 * Runs worlds in so many threads. A world is one thread's from its beginning to its end, and shares nothing, so each comes to the same
 * in any of them.
 * @param seen told of each, in the order in which they end
 */
export const runCrowd = async (
  crowd: Crowd,
  seeds: readonly string[],
  threads: number,
  seen: (told: Told) => void,
): Promise<void> => {
  if (threads === 1) {
    for (const seed of seeds) seen(await tell(crowd, seed))
    return
  }
  let next = 0
  const workers = Array.from({ length: threads }, () => new Worker(new URL('./crowd-thread.ts', import.meta.url)))
  const work = (worker: Worker) =>
    new Promise<void>((resolve, reject) => {
      let left = 0
      const give = () => {
        const part = seeds.slice(next, next + SEEDS_A_TURN)
        next += part.length
        left = part.length
        if (left === 0) resolve()
        else worker.postMessage({ crowd, seeds: part })
      }
      worker.on('message', (told: Told) => {
        seen(told)
        left -= 1
        if (left === 0) give()
      })
      worker.on('error', reject)
      worker.on('exit', (code) => reject(new Error(`a thread ended with ${code}`)))
      give()
    })
  try {
    await Promise.all(workers.map(work))
  } finally {
    for (const worker of workers) await worker.terminate()
  }
}

import type { Clock } from '../../src/clock/port.ts'
import type { Timer } from '../../src/peer/port.ts'
import type { Cancel, Timeline } from './timeline.ts'

/** What the wall clocks of a world say when it begins. */
const EPOCH_MS = 1_800_000_000_000

/** A computer: what is there also while no process runs on it. */
export type Host = {
  readonly name: string
  readonly address: string
  /** How far its wall clock was set ahead, ms. */
  wallAheadMs: number
}

/**
 * One process, from its start to its end. All that reaches its code comes through here: after `kill` nothing does, so it stands still
 * for ever at whatever it was waiting for.
 */
export class Life {
  readonly host: Host
  readonly clock: Clock
  readonly timer: Timer = (ms, late) => this.after(ms, late)
  dead = false
  readonly #timeline: Timeline
  readonly #endings = new Set<() => void>()
  #stalledUntilUs = 0

  /** @param steadyFromUs what the steady clock says when the world begins: nobody may compare it with an earlier process's */
  constructor(timeline: Timeline, host: Host, steadyFromUs: number) {
    this.#timeline = timeline
    this.host = host
    this.clock = {
      now: () => Math.floor(EPOCH_MS + timeline.nowUs / 1_000 + host.wallAheadMs),
      steadyUs: () => steadyFromUs + timeline.nowUs,
      sleep: (ms, signal) => this.#sleep(ms, signal),
    }
  }

  kill(): void {
    this.dead = true
    for (const ending of this.#endings) ending()
    this.#endings.clear()
  }

  /** What the system does when the process has ended. @returns takes it back */
  onEnd(ending: () => void): Cancel {
    this.#endings.add(ending)
    return () => this.#endings.delete(ending)
  }

  /** Stops the process for a while (SIGSTOP, a host without air); its clocks go on. */
  stall(ms: number): void {
    this.#stalledUntilUs = Math.max(this.#stalledUntilUs, this.#timeline.nowUs + ms * 1_000)
  }

  get stalled(): boolean {
    return this.#stalledUntilUs > this.#timeline.nowUs
  }

  after(ms: number, work: () => void): Cancel {
    let cancel = this.#timeline.after(ms, () => {
      if (this.dead) return
      if (!this.stalled) return work()
      cancel = this.after((this.#stalledUntilUs - this.#timeline.nowUs) / 1_000, work)
    })
    return () => cancel()
  }

  /** The outcome of `work` after `ms`. */
  later<T>(ms: number, work: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.after(ms, () => {
        try {
          resolve(work())
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  /** The outcome of something outside, while there is somebody to hear it. */
  heard<T>(outside: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      outside.then(
        (value) => {
          if (!this.dead) resolve(value)
        },
        (error) => {
          if (!this.dead) reject(error)
        },
      )
    })
  }

  #sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const abort = () => {
        cancel()
        reject(signal?.reason)
      }
      const cancel = this.after(ms, () => {
        signal?.removeEventListener('abort', abort)
        resolve()
      })
      signal?.addEventListener('abort', abort, { once: true })
    })
  }
}

import { effectId } from '../../domain/effect/effect.ts'
import { isRefusal } from '../../domain/fact.ts'
import { timer as timerRules, timerStream } from '../../domain/timer/timer.ts'
import { type Clock, sleepUntilAborted } from '../clock/port.ts'
import type { Streams } from '../journal/streams.ts'
import type { Log } from '../log/port.ts'
import type { Random } from '../random/port.ts'
import { Jumps } from './jumps.ts'
import type { OpenTimer } from './open-things.ts'
import { LOOK_MS, type ProcessCounts, type Retry } from './port.ts'
import { backoffMs } from './retry.ts'
import { askStep } from './steps.ts'

export type TimekeeperOptions = {
  readonly streams: Streams
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly counts?: ProcessCounts
  readonly signal: AbortSignal
}

/** `dueUs`: when its time is over by the steady clock. `againUs`: not before, since the log could not be told. */
type Armed = { readonly timer: OpenTimer; readonly dueUs: number; failures: number; againUs: number }

/** How long is waited when the log cannot be told that a timer fired. */
const WAIT: Retry = { attempts: Number.POSITIVE_INFINITY, firstMs: 200, maxMs: 15_000 }

/**
 * Fires timers: each turns into an effect that is asked for, in one unit, so it fires once whoever tries. It is due when the wall
 * clock says so, or when the time that it was set for is over by the steady clock: a wall clock that goes back delays nothing that
 * was set in the life of this process, and one that goes ahead, or a machine that slept, makes it due at the next look.
 */
export class Timekeeper {
  readonly #options: TimekeeperOptions
  readonly #armed = new Map<string, Armed>()
  readonly #jumps: Jumps
  #woken = new AbortController()

  constructor(options: TimekeeperOptions) {
    this.#options = options
    this.#jumps = new Jumps(options.clock)
    options.signal.addEventListener('abort', () => this.#woken.abort(), { once: true })
  }

  set(key: string, timer: OpenTimer): void {
    const { clock } = this.#options
    // A timer that was just set may be seen after a jump: then its own clock's word counts.
    const leftMs = Math.min(timer.due - clock.now(), timer.due - timer.at)
    this.#armed.set(key, { timer, dueUs: clock.steadyUs() + leftMs * 1_000, failures: 0, againUs: 0 })
    this.#woken.abort()
  }

  unset(key: string): void {
    this.#armed.delete(key)
  }

  /** Until the signal is aborted. */
  async run(): Promise<void> {
    const { clock, signal } = this.#options
    while (!signal.aborted) {
      this.#woken = new AbortController()
      this.#look()
      const due = [...this.#armed]
        .filter(([, armed]) => this.#leftMs(armed) <= 0)
        .sort(([, a], [, b]) => a.timer.due - b.timer.due)
      for (const [key, armed] of due) {
        if (signal.aborted) return
        await this.#fire(key, armed)
      }
      const waitMs = Math.max(0, Math.min(LOOK_MS, ...[...this.#armed.values()].map((armed) => this.#leftMs(armed))))
      await sleepUntilAborted(clock, waitMs, this.#woken.signal)
    }
  }

  #leftMs({ timer, dueUs, againUs }: Armed): number {
    const { clock } = this.#options
    const steadyUs = clock.steadyUs()
    const leftMs = Math.min(timer.due - clock.now(), (dueUs - steadyUs) / 1_000)
    return Math.ceil(Math.max(leftMs, (againUs - steadyUs) / 1_000))
  }

  #look(): void {
    const { log, counts } = this.#options
    const byMs = this.#jumps.look()
    if (byMs === 0) return
    counts?.jumped(byMs)
    log.warn(
      { byMs, timers: this.#armed.size },
      'the wall clock was set, or this machine slept; timers are looked over',
    )
  }

  async #fire(key: string, armed: Armed): Promise<void> {
    const { streams, clock, random, log } = this.#options
    const { kind, subject, due, version } = armed.timer
    const at = clock.now()
    try {
      const fired = await streams.transact(
        [
          { decider: timerRules, stream: timerStream(key), command: { kind: 'fire', at, due } },
          askStep(at, { id: effectId('timer', key, version), kind, subject }),
        ],
        { correlationId: subject },
      )
      if (isRefusal(fired)) log.info({ timer: key, refused: fired.refused }, 'a timer is not to be fired any more')
      if (this.#armed.get(key) === armed) this.#armed.delete(key)
    } catch (err) {
      armed.failures += 1
      armed.againUs = clock.steadyUs() + backoffMs(WAIT, armed.failures, random) * 1_000
      log.warn({ timer: key, err }, 'a timer is due, and the log cannot be told yet')
    }
  }
}

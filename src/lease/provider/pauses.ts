import type { LeaseCommand } from '../../../domain/lease/commands.ts'
import type { LeaseState } from '../../../domain/lease/lease.ts'
import { OWN, type Pause, type PauseCode, pausedTickMs, pauseEnd } from '../../../domain/lease/pauses.ts'
import type { Terms } from '../../../domain/terms.ts'
import type { Clock } from '../../clock/port.ts'
import { peerTimeout } from '../../peer/port.ts'
import type { MessageOf } from '../messages.ts'
import { PausedTime } from '../paused-time.ts'
import type { Talk } from '../talk.ts'
import type { ServingEnd } from './serving.ts'

/** What is wanted of a machine's pauses, by whoever may want it, until the lease's next tick does it. */
export type PauseWishes = Map<PauseCode, boolean>

/** As `resume` says them: nothing where there are none. */
export const saidPauses = (pauses: readonly Pause[]): Pick<MessageOf<'resume'>, 'pauses'> =>
  pauses.length === 0 ? {} : { pauses: pauses.map(({ code }) => code) }

/** The pauses of one lease that is served: what is to change, what is too long, and when a tick is due in one. */
export class Pauses {
  readonly #clock: Clock
  readonly #terms: Terms
  readonly #wishes: PauseWishes
  readonly #time: PausedTime
  #tickUs = Number.NEGATIVE_INFINITY
  /** The newest tick was sent in this session. */
  #isSent = false

  constructor(clock: Clock, terms: Terms, wishes: PauseWishes) {
    this.#clock = clock
    this.#terms = terms
    this.#wishes = wishes
    this.#time = new PausedTime(clock)
  }

  want(code: PauseCode, paused: boolean): void {
    this.#wishes.set(code, paused)
  }

  /** What the wishes change, if anything; they are fulfilled by that. The provider's own is in the log. */
  take({ context: { pauses, pauseWanted } }: LeaseState): readonly LeaseCommand[] {
    const at = this.#clock.now()
    const wished: (readonly [PauseCode, boolean])[] = [[OWN.provider, pauseWanted], ...this.#wishes]
    this.#wishes.clear()
    const has = (code: PauseCode) => pauses.some((known) => known.code === code)
    const mayPause = this.#terms.maxPauseMs !== undefined
    return wished
      .filter(([code, paused]) => has(code) !== paused && (mayPause || !paused))
      .map(([code, paused]) => ({ kind: paused ? ('pause' as const) : ('resume' as const), at, code }))
  }

  tooLong({ context }: LeaseState): ServingEnd | undefined {
    return pauseEnd(context.pauses, this.#terms, this.#time.ms(context))
  }

  /** A session begins, or what is to be paid for is there anew: its time begins now. */
  begin(): void {
    this.#tickUs = this.#clock.steadyUs()
    this.#isSent = false
  }

  /** A tick was sent. */
  ticked(): void {
    this.#tickUs = this.#clock.steadyUs()
    this.#isSent = true
  }

  /** Since the last tick, ms. */
  get #sinceTickMs(): number {
    return (this.#clock.steadyUs() - this.#tickUs) / 1_000
  }

  get isDue(): boolean {
    return this.#sinceTickMs >= pausedTickMs(this.#terms)
  }

  /**
   * The end, when the newest tick of a pause has not been paid for too long. On a connection that stood before it, only a new one tells
   * whether the publisher is there at all.
   *
   * @throws Fault `peer.timeout`
   */
  unpaid({ remote }: Talk): ServingEnd | undefined {
    const { graceTicks, tickMs } = this.#terms
    if (this.#sinceTickMs <= graceTicks * tickMs) return undefined
    if (this.#isSent) throw peerTimeout(remote, 'pay', graceTicks * tickMs)
    return { code: 'unpaid', why: `no voucher for ${graceTicks} ticks, in a session that was new` }
  }
}

import { type BeatFact, beatStream } from '../../domain/claim/facts.ts'
import type { Clock } from '../clock/port.ts'
import { Conflict, type Journal, type Retaining } from '../journal/port.ts'
import type { Log } from '../log/port.ts'
import type { Holding } from './holding.ts'

export type BeatsOptions = {
  readonly journal: Journal & Partial<Retaining>
  readonly clock: Clock
  readonly log: Log
  readonly owner: string
  readonly ttlMs: number
}

/** Beats in one ttl: three may fail before a claim is lost. */
const BEATS = 4
/** The part of a ttl after which a holder stops by itself: clocks may differ by a third, and no two nodes do the same work. */
const HOLDER_PART = 0.75

/** How often an owner was heard of; one that never was has 0. */
export const newestBeat = async (journal: Journal, owner: string): Promise<number> =>
  (await journal.readBackward(beatStream(owner), undefined, 1))[0]?.version ?? 0

/** The heart of a node: tells the log that it lives for as long as it holds a claim, one fact for all of its claims. */
export class Beats {
  readonly #options: BeatsOptions
  readonly #holdings = new Set<Holding>()
  #version: number | undefined
  #confirmedUs = Number.NEGATIVE_INFINITY
  #beating: Promise<unknown> = Promise.resolve()
  #living: AbortController | undefined

  constructor(options: BeatsOptions) {
    this.#options = options
  }

  /** Whether a claim that was taken at `sinceUs` may have been taken over by now, for all that this node knows. */
  expired(sinceUs: number): boolean {
    return this.#leftMs(sinceUs) < 0
  }

  #leftMs(sinceUs: number): number {
    const { clock, ttlMs } = this.#options
    return HOLDER_PART * ttlMs - (clock.steadyUs() - Math.max(sinceUs, this.#confirmedUs)) / 1_000
  }

  add(holding: Holding): void {
    this.#holdings.add(holding)
    if (this.#living) return
    const living = new AbortController()
    this.#living = living
    void this.#each(
      living.signal,
      () => (HOLDER_PART * this.#options.ttlMs) / BEATS,
      () => this.beat(),
    )
    void this.#each(
      living.signal,
      () => this.#soonest(),
      async () => this.#checkAll(),
    )
  }

  remove(holding: Holding): void {
    this.#holdings.delete(holding)
    if (this.#holdings.size > 0) return
    this.#living?.abort()
    this.#living = undefined
  }

  /** @throws Fault of the journal */
  beat(extra?: Holding): Promise<void> {
    const beaten = this.#beating.then(() => this.#beat(extra))
    this.#beating = beaten.catch(() => {})
    return beaten
  }

  async #beat(extra: Holding | undefined): Promise<void> {
    const { journal, clock, owner } = this.#options
    const stream = beatStream(owner)
    for (;;) {
      this.#checkAll()
      const held = [...this.#holdings, ...(extra ? [extra] : [])].filter(({ lost }) => !lost)
      if (held.length === 0) return
      if (this.#version === undefined) await journal.retain?.(stream, { newest: 1 })
      this.#version ??= await newestBeat(journal, owner)
      const sentUs = clock.steadyUs()
      const facts: BeatFact[] = [{ type: 'claim.renewed', at: clock.now() }]
      try {
        await journal.transact([{ stream, expected: this.#version, facts }, ...held.flatMap(({ guard }) => guard)])
      } catch (error) {
        this.#version = undefined
        if (!(error instanceof Conflict)) throw error
        // Its own stream: an earlier beat was written whose answer was lost. A claim's: that one is lost, the others go on.
        if (error.stream === stream || held.some((holding) => holding.isLost(error))) continue
        throw error
      }
      this.#version += 1
      this.#checkAll()
      this.#confirmedUs = sentUs
      return
    }
  }

  #soonest(): number {
    const left = [...this.#holdings].filter(({ lost }) => !lost).map(({ sinceUs }) => this.#leftMs(sinceUs) + 1)
    return Math.max(1, Math.min(this.#options.ttlMs, ...left))
  }

  #checkAll(): void {
    for (const holding of this.#holdings) holding.expire()
  }

  async #each(signal: AbortSignal, ms: () => number, act: () => Promise<void>): Promise<void> {
    const { clock, log } = this.#options
    while (!signal.aborted) {
      await clock.sleep(ms(), signal).catch(() => {})
      if (signal.aborted) return
      await act().catch((err: unknown) => log.warn({ err }, 'the log could not be told that this node lives'))
    }
  }
}

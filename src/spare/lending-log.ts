import { type Closed, KEEP_MS, LENDING_STREAM, type LendingFact, SETTLED_MS } from '../../domain/availability/facts.ts'
import type { Clock } from '../clock/port.ts'
import { Conflict, type Journal, type Retaining } from '../journal/port.ts'
import type { Log } from '../log/port.ts'

/** How often it is looked whether machines are lent out, ms. */
const LOOK_MS = 1_000
/** Facts kept: more than a month of them, also when they are written as often as they may be. */
export const LENDING_KEPT = 100_000

export type LendingLogOptions = {
  readonly journal: Journal & Partial<Retaining>
  readonly clock: Clock
  readonly log: Log
  /** Why nothing is lent out now; undefined: machines are. */
  readonly closed: () => Closed | undefined
}

/** Writes down for how long this provider lends, from its beginning to its end. A log that is away is tried again at the next look. */
export class LendingLog {
  readonly #options: LendingLogOptions
  #version: number | undefined
  #began = false
  #written: { readonly closed: Closed | undefined; readonly atUs: number } | undefined
  /** When it was last seen as it is written down, or worse. */
  #worseUs = 0

  constructor(options: LendingLogOptions) {
    this.#options = options
  }

  /** Until the signal; the end is written down then. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options
    while (!signal.aborted) {
      await this.#look().catch((err) => log.warn({ err }, 'it was not written down that machines are lent out'))
      await clock.sleep(LOOK_MS, signal).catch(() => {})
    }
    if (!this.#began) return
    await this.#write([{ type: 'lending.ended', at: clock.now() }]).catch((err) =>
      log.warn({ err }, 'it was not written down that nothing is lent out any more'),
    )
  }

  async #look(): Promise<void> {
    const { clock } = this.#options
    const closed = this.#options.closed()
    const nowUs = clock.steadyUs()
    if (closed !== undefined) this.#worseUs = nowUs
    const written = this.#written
    const isNews = written?.closed !== closed && (closed !== undefined || nowUs - this.#worseUs >= SETTLED_MS * 1_000)
    if (written !== undefined && !isNews && nowUs - written.atUs < KEEP_MS * 1_000) return
    const said = written === undefined || isNews ? closed : written.closed
    const at = clock.now()
    const kept: LendingFact = { type: 'lending.kept', at, ...(said && { closed: said }) }
    await this.#write(this.#began ? [kept] : [{ type: 'lending.began', at }, kept])
    this.#began = true
    this.#written = { closed: said, atUs: nowUs }
  }

  async #write(facts: readonly LendingFact[]): Promise<void> {
    const { journal } = this.#options
    if (this.#version === undefined) await journal.retain?.(LENDING_STREAM, { newest: LENDING_KEPT })
    this.#version ??= (await journal.readBackward(LENDING_STREAM, undefined, 1))[0]?.version ?? 0
    try {
      await journal.transact([{ stream: LENDING_STREAM, expected: this.#version, facts }])
      this.#version += facts.length
    } catch (error) {
      this.#version = undefined
      // An earlier write whose answer was lost.
      if (error instanceof Conflict) return await this.#write(facts)
      throw error
    }
  }
}

import { Fault } from '../../domain/fault.ts'
import { type Append, Conflict } from '../journal/port.ts'
import type { Held } from './port.ts'

export type HoldingOptions = {
  readonly name: string
  readonly guard: Append
  /** Steady clock when it was asked for. */
  readonly sinceUs: number
  readonly signal: AbortSignal
  readonly expired: (sinceUs: number) => boolean
  readonly giveBack: (holding: Holding) => Promise<void>
}

/** One claim that this node has, until it is lost or given back. */
export class Holding implements Held {
  readonly name: string
  readonly sinceUs: number
  readonly signal: AbortSignal
  readonly guard: readonly [Append]
  readonly #options: HoldingOptions
  readonly #ended = new AbortController()
  #released: Promise<void> | undefined

  constructor(options: HoldingOptions) {
    this.name = options.name
    this.sinceUs = options.sinceUs
    this.guard = [options.guard]
    this.signal = AbortSignal.any([options.signal, this.#ended.signal])
    this.#options = options
  }

  get lost(): boolean {
    return this.#ended.signal.aborted
  }

  check(): void {
    this.expire()
    if (this.lost) throw this.#ended.signal.reason
  }

  /** Loses it when its time is over. */
  expire(): void {
    if (this.#options.expired(this.sinceUs)) this.lose('the log could not be told in time that this node lives')
  }

  isLost(error: unknown): boolean {
    const refused = error instanceof Conflict && error.stream === this.guard[0].stream
    if (refused) this.lose('another node has taken it over')
    return refused || (error instanceof Fault && error.code === 'claim.lost')
  }

  lose(why: string): void {
    if (this.lost) return
    this.#ended.abort(
      new Fault('claim.lost', `this node may not do ${this.name} any more: ${why}`, {
        next: 'Nothing: another node does it, or this one again when it has the claim back.',
      }),
    )
  }

  release(): Promise<void> {
    this.#released ??= this.#options.giveBack(this)
    return this.#released
  }
}

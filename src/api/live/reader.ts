import type { Position } from '../../journal/port.ts'
import type { Told } from '../follow.ts'
import { sessionOver } from '../session/guard.ts'
import type { LogFeed } from './feed.ts'
import type { Answer, Event, Live, Member } from './live.ts'

/** Events that wait for one reader at the most … */
const MAX_WAITING = 64
/** … and characters of them: with one more, it reads by itself again. The texts are shared with the others. */
const MAX_WAITING_CHARS = 262_144

export type ReaderParts = {
  readonly feed: LogFeed
  /** Answers what this reader is told by itself. */
  readonly answer: Answer
  /** The shared end of the log for one who has been told everything up to `place`. */
  readonly liveAt: (place: Position) => Live
  /** What is shown of a fault that ends it. */
  readonly mask: (fault: unknown) => Error
}

/**
 * One subscriber: reads the log from its own place, and once it has caught up reads along with the others. Whether it is behind them
 * or with them, the next thing it is given is the one after its place: so there is no seam, gap or duplicate.
 */
export class Reader implements AsyncIterableIterator<Event>, Member {
  readonly #parts: ReaderParts
  /** Everything up to here was given, or waits. */
  #place: Position
  #isAtEnd = false
  #wasCaughtUp = false
  #own: AsyncIterableIterator<Told> | undefined
  #live: Live | undefined
  #waiting: Event[] = []
  #waitingChars = 0
  #wake: (() => void) | undefined
  #isOver = false
  #fault: unknown
  readonly #left = new AbortController()

  constructor(parts: ReaderParts) {
    this.#parts = parts
    this.#place = parts.feed.after
    const { sessions, principal, metrics } = parts.feed.context
    metrics.subscriptions.inc()
    if (principal.kind === 'session')
      sessions.untilOver(principal, this.#left.signal).then(
        () => this.over(sessionOver()),
        () => undefined,
      )
  }

  async next(): Promise<IteratorResult<Event>> {
    try {
      for (;;) {
        if (this.#fault !== undefined) throw this.#fault
        const event = this.#waiting.shift() ?? (this.#live === undefined ? await this.#readOne() : undefined)
        if (event !== undefined) return this.#given(event)
        if (this.#isOver) return DONE
        if (this.#live !== undefined && this.#waiting.length === 0)
          await new Promise<void>((wake) => {
            this.#wake = wake
          })
      }
    } catch (fault) {
      this.#end()
      throw this.#parts.mask(fault)
    }
  }

  async return(): Promise<IteratorResult<Event>> {
    this.over()
    return DONE
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  offer(event: Event): void {
    if (event.position <= this.#place) return
    const chars = this.#waitingChars + event.text.length
    const isFull = this.#waiting.length >= MAX_WAITING || (chars > MAX_WAITING_CHARS && this.#waiting.length > 0)
    if (isFull) {
      this.#leave()
      return
    }
    this.#waiting.push(event)
    this.#waitingChars = chars
    this.#place = event.position
    this.#stir()
  }

  over(fault?: unknown): void {
    this.#fault ??= fault
    this.#end()
  }

  /** By itself: the next event, or nothing when it reads along from now on, or when there is no more. */
  async #readOne(): Promise<Event | undefined> {
    if (this.#isOver) return undefined
    if (this.#isAtEnd) {
      const live = this.#parts.liveAt(this.#place)
      if (live.join(this, this.#place)) {
        this.#live = live
        void this.#own?.return?.()
        this.#own = undefined
        return undefined
      }
    }
    this.#own ??= this.#parts.feed.read(this.#place, this.#wasCaughtUp)
    const { value, done } = await this.#own.next()
    if (done === true) {
      this.#end()
      return undefined
    }
    const told: Told = value
    this.#isAtEnd = told.kind === 'caught-up'
    this.#place = told.kind === 'fact' ? told.recorded.position : told.position
    // Told once: live, it would come with every fact of the whole log.
    if (told.kind === 'caught-up' && this.#wasCaughtUp) return undefined
    if (told.kind !== 'fact') this.#wasCaughtUp = told.kind === 'caught-up'
    return this.#parts.answer(told)
  }

  #given(event: Event): IteratorResult<Event> {
    if (this.#waiting.length === 0) this.#waitingChars = 0
    const { sessions, principal, metrics } = this.#parts.feed.context
    if (principal.kind === 'session' && !sessions.isLive(principal)) throw sessionOver()
    metrics.subscriptionEvents.inc()
    return { done: false, value: event }
  }

  /** What it does not take now it reads from the log, from its place, when it is ready again. */
  #leave(): void {
    this.#live?.leave(this)
    this.#live = undefined
    this.#isAtEnd = false
    this.#stir()
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#left.abort()
    this.#leave()
    this.#waiting = []
    void this.#own?.return?.()
    this.#parts.feed.context.metrics.subscriptions.dec()
  }

  #stir(): void {
    this.#wake?.()
    this.#wake = undefined
  }
}

const DONE: IteratorResult<Event> = { done: true, value: undefined }

import type { Position } from '../../journal/port.ts'
import { followLog, type Told } from '../follow.ts'
import type { Listener, LiveStream } from './live-stream.ts'
import type { Outlet } from './outlet.ts'
import type { Entry } from './ring.ts'

/** Whoever has more bytes than this waiting is not told live any more: it reads on at its own pace. */
export const MAX_AHEAD_BYTES = 262_144

type Ended = IteratorResult<never, void>

/**
 * One who subscribes. It reads from its own place, one result after the other as they are taken, until it is level with its stream;
 * then it is told live. One that falls behind reads again, so nothing is queued for it, and nobody waits for it.
 *
 * An iterator without items, for who serves it: results go to the outlet, and `next` resolves at the end.
 */
export class Subscriber implements Listener, AsyncGenerator<never, void, void> {
  readonly #stream: LiveStream
  readonly #outlet: Outlet
  readonly #onEnd: () => void
  #position: Position
  #isOpen = true
  /** A fact was told since the newest `CaughtUp`, or none was ever told. */
  #owesCaughtUp = true
  #wasCaughtUp = false
  #reading: AsyncIterator<Told> | undefined
  #ended: PromiseWithResolvers<Ended> | undefined

  constructor(stream: LiveStream, after: Position, outlet: Outlet, onEnd: () => void) {
    this.#stream = stream
    this.#position = after
    this.#outlet = outlet
    this.#onEnd = onEnd
  }

  /** Begins. @returns at its end; rejects with the masked error when there is one */
  next(): Promise<Ended> {
    if (this.#ended === undefined) {
      this.#ended = Promise.withResolvers()
      if (this.#isOpen) void this.#read()
      else this.#ended.resolve({ done: true, value: undefined })
    }
    return this.#ended.promise
  }

  async return(): Promise<Ended> {
    this.end()
    return { done: true, value: undefined }
  }

  async throw(fault: unknown): Promise<Ended> {
    this.end(fault)
    return { done: true, value: undefined }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  hearFact(entry: Entry): void {
    if (entry.position <= this.#position || this.#isBehind()) return
    this.#position = entry.position
    this.#owesCaughtUp = true
    this.#write(entry.text)
  }

  hearCaughtUp(text: string): void {
    if (!this.#owesCaughtUp || this.#isBehind()) return
    this.#owesCaughtUp = false
    this.#write(text)
  }

  hearNotice(text: string): void {
    if (this.#isBehind()) return
    this.#owesCaughtUp = true
    this.#write(text)
  }

  end(fault?: unknown): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#stream.leave(this)
    void this.#reading?.return?.()
    this.#onEnd()
    if (fault === undefined) this.#ended?.resolve({ done: true, value: undefined })
    else this.#ended?.reject(this.#stream.question.mask(fault))
  }

  /** Whether it has to read by itself again. */
  #isBehind(): boolean {
    if (this.#outlet.backlog() <= MAX_AHEAD_BYTES) return false
    this.#stream.leave(this)
    void this.#read()
    return true
  }

  async #read(): Promise<void> {
    try {
      await this.#place()
      while (this.#isOpen) {
        if (!this.#stream.covers(this.#position)) {
          await this.#readLog()
          continue
        }
        const entry = this.#stream.after(this.#position)
        if (entry !== undefined) {
          await this.#tellFact(entry)
          continue
        }
        this.#position = Math.max(this.#position, this.#stream.position)
        if (!this.#owesCaughtUp || !this.#stream.isResting) {
          this.#wasCaughtUp = true
          return this.#stream.listen(this)
        }
        const text = await this.#stream.caughtUp(this.#position)
        this.#owesCaughtUp = false
        await this.#writeThrough(text)
      }
    } catch (fault) {
      this.end(fault)
    }
  }

  /** A place that the log has not reached: nothing would be told for long. */
  async #place(): Promise<void> {
    const { question } = this.#stream
    const head = await question.source.journal.head()
    if (this.#position <= head) return
    this.#position = head
    await this.#writeThrough(await question.answer({ kind: 'snapshot-required', position: head, reason: 'ahead' }))
  }

  /** Until its place is one that the stream covers. */
  async #readLog(): Promise<void> {
    const { question } = this.#stream
    const told = followLog({ ...question.source, after: this.#position }, () => {}, this.#wasCaughtUp)
    this.#reading = told
    for await (const item of told) {
      if (!this.#isOpen) return
      if (item.kind === 'caught-up') {
        this.#position = item.position
        this.#stream.begin(item.position)
      } else if (item.kind !== 'fact') {
        this.#position = item.position
        this.#owesCaughtUp = true
        this.#wasCaughtUp = false
        await this.#writeThrough(await question.answer(item))
      } else await this.#tellFact({ position: item.recorded.position, text: await question.answer(item) })
      if (this.#stream.covers(this.#position)) {
        this.#reading = undefined
        return
      }
    }
    // The server closes.
    this.end()
  }

  async #tellFact(entry: Entry): Promise<void> {
    this.#stream.question.check()
    this.#position = entry.position
    this.#owesCaughtUp = true
    await this.#writeThrough(entry.text)
  }

  #write(text: string): void {
    this.#count()
    this.#outlet.write(text)
  }

  #writeThrough(text: string): Promise<void> {
    if (!this.#isOpen) return Promise.resolve()
    this.#count()
    return this.#outlet.writeThrough(text)
  }

  #count(): void {
    this.#stream.question.context.metrics.subscriptionEvents.inc()
  }
}

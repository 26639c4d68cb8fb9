import { setImmediate as breathe } from 'node:timers/promises'
import type { Position } from '../../journal/port.ts'
import { followLog, type Told } from '../follow.ts'
import type { Question } from './question.ts'
import { type Entry, type Kept, Ring } from './ring.ts'

/** Who listens to a stream. Told at once, and not waited for. */
export interface Listener {
  hearFact(entry: Entry): void
  hearCaughtUp(text: string): void
  /** That it lags, or that facts cannot be told. */
  hearNotice(text: string): void
  /** `fault`: why; absent: the server closes. */
  end(fault?: unknown): void
}

/** Listeners that are told in one turn of the event loop. */
const LISTENERS_A_TURN = 500

/** The live part of one question: the log is followed, and each fact answered, once for all who listen. */
export class LiveStream {
  readonly question: Question
  readonly #kept: Kept
  readonly #listeners = new Set<Listener>()
  readonly #left = new AbortController()
  #ring: Ring | undefined
  #position: Position = 0
  #isResting = true
  #caughtUp: { readonly position: Position; readonly text: Promise<string> } | undefined

  constructor(question: Question, kept: Kept) {
    this.question = question
    this.#kept = kept
  }

  /** Everything up to here was told to those who listen. */
  get position(): Position {
    return this.#position
  }

  /** No fact was told since the newest `CaughtUp`. */
  get isResting(): boolean {
    return this.#isResting
  }

  /** Starts to follow behind a position, when nobody did yet. */
  begin(after: Position): void {
    if (this.#ring !== undefined) return
    this.#ring = new Ring(after, this.#kept)
    this.#position = after
    this.#isResting = true
    void this.#follow(after)
  }

  /** Whether everything after this position comes, or came, from here. */
  covers(position: Position): boolean {
    return this.#ring?.covers(position) === true
  }

  /** The first result after this position that was told already. */
  after(position: Position): Entry | undefined {
    return this.#ring?.after(position)
  }

  /** From now on; the caller has been told everything up to `position`. */
  listen(listener: Listener): void {
    this.#listeners.add(listener)
  }

  leave(listener: Listener): void {
    this.#listeners.delete(listener)
  }

  /** Executed once for each position, also when many catch up there. */
  caughtUp(position: Position): Promise<string> {
    if (this.#caughtUp?.position !== position)
      this.#caughtUp = { position, text: this.question.answer({ kind: 'caught-up', position }) }
    return this.#caughtUp.text
  }

  /** Nobody is left. */
  stop(): void {
    this.#left.abort()
    this.#ring?.clear(this.#position)
  }

  async #follow(after: Position): Promise<void> {
    const { source } = this.question
    const told = followLog(
      { ...source, after, closing: AbortSignal.any([source.closing, this.#left.signal]) },
      () => {},
      true,
    )
    try {
      for await (const item of told) await this.#tell(item)
      this.#end()
    } catch (fault) {
      this.#end(fault)
    }
  }

  async #tell(item: Told): Promise<void> {
    switch (item.kind) {
      case 'fact': {
        const { position } = item.recorded
        this.question.check()
        const entry = { position, text: await this.question.answer(item) }
        this.#ring?.push(entry)
        this.#position = position
        this.#isResting = false
        return this.#each((listener) => listener.hearFact(entry))
      }
      case 'caught-up': {
        // Of what others did meanwhile there is nothing to tell.
        const text = this.#isResting ? undefined : await this.caughtUp(item.position)
        this.#position = item.position
        this.#isResting = true
        return text === undefined ? undefined : this.#each((listener) => listener.hearCaughtUp(text))
      }
      case 'lagged':
      case 'snapshot-required': {
        const text = await this.question.answer(item)
        this.#isResting = false
        if (item.kind === 'snapshot-required') {
          this.#ring?.clear(item.position)
          this.#position = item.position
        }
        return this.#each((listener) => listener.hearNotice(text))
      }
    }
  }

  /** In turns, so that the server does other things as well, and sockets take what was written. */
  async #each(tell: (listener: Listener) => void): Promise<void> {
    let told = 0
    for (const listener of this.#listeners) {
      tell(listener)
      if (++told % LISTENERS_A_TURN === 0) await breathe()
    }
    await breathe()
  }

  #end(fault?: unknown): void {
    this.#ring?.clear(this.#position)
    this.#ring = undefined
    for (const listener of this.#listeners) listener.end(fault)
  }
}

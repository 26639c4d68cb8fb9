import type { Position } from '../../journal/port.ts'
import type { Told } from '../follow.ts'
import type { LogFeed } from './feed.ts'

/**
 * The answer to one thing told, as text. It is made once and given to all: nobody may change it. `stringify` is what Yoga asks an
 * answer for its text by.
 */
export type Event = { readonly position: Position; readonly text: string; readonly stringify: () => string }

/** Answers one thing told. */
export type Answer = (told: Told) => Promise<Event>

/** Who reads along. */
export type Member = {
  /** Takes it, or leaves: then it reads what it missed by itself. Must not throw. */
  offer(event: Event): void
  /** Nothing more comes: the log was closed (`fault`), or the server closes. */
  over(fault?: unknown): void
}

/**
 * The end of a part of the log, read and answered once for all who have caught up with it. It keeps nothing: whoever is not ready
 * when something is told reads it from the log.
 */
export class Live {
  readonly #members = new Set<Member>()
  readonly #stop = new AbortController()
  readonly #answer: Answer
  readonly #onEmpty: () => void
  #upTo: Position

  /** @param from its first member has been told everything up to here */
  constructor(feed: LogFeed, from: Position, answer: Answer, onEmpty: () => void) {
    this.#answer = answer
    this.#onEmpty = onEmpty
    this.#upTo = from
    void this.#run(feed)
  }

  /** @returns false when something was told already that one who has been told everything up to `place` does not know */
  join(member: Member, place: Position): boolean {
    if (place < this.#upTo || this.#stop.signal.aborted) return false
    this.#members.add(member)
    return true
  }

  leave(member: Member): void {
    if (!this.#members.delete(member) || this.#members.size > 0) return
    this.#end()
  }

  async #run({ context: { journal, closing }, part: { filter } }: LogFeed): Promise<void> {
    try {
      const signal = AbortSignal.any([closing, this.#stop.signal])
      for await (const item of journal.follow(this.#upTo, filter, signal)) {
        const event = item.kind === 'fact' ? await this.#answer(item) : undefined
        if (event !== undefined) for (const member of this.#members) member.offer(event)
        this.#upTo = event?.position ?? Math.max(this.#upTo, item.kind === 'caught-up' ? item.position : 0)
      }
      this.#end()
    } catch (fault) {
      this.#end(fault)
    }
  }

  #end(fault?: unknown): void {
    this.#stop.abort()
    this.#onEmpty()
    const members = [...this.#members]
    this.#members.clear()
    for (const member of members) member.over(fault)
  }
}

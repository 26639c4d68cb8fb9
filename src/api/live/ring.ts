import type { Position } from '../../journal/port.ts'

/** The result for one fact. */
export type Entry = { readonly position: Position; readonly text: string }

/** What one stream keeps of its newest results, at the most. */
export const MAX_RING_ENTRIES = 512
export const MAX_RING_CHARS = 1_048_576
/** What all streams of a server keep together. */
export const MAX_KEPT_CHARS = 33_554_432

/** Characters that all rings of a server hold. */
export class Kept {
  chars = 0
}

/** The newest results of a stream, whole from some position on, for those who come to it or fell behind. */
export class Ring {
  readonly #kept: Kept
  readonly #entries: Entry[] = []
  #chars = 0
  #from: Position

  constructor(from: Position, kept: Kept) {
    this.#from = from
    this.#kept = kept
  }

  /** Whether every result after this position is here, or yet to come. */
  covers(position: Position): boolean {
    return position >= this.#from
  }

  /** The first one after this position. */
  after(position: Position): Entry | undefined {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#entries[middle]!.position > position) high = middle
      else low = middle + 1
    }
    return this.#entries[low]
  }

  /** When all rings together are full, the one that gets something gives way. */
  push(entry: Entry): void {
    this.#entries.push(entry)
    this.#count(entry.text.length)
    while (this.#isFull()) {
      const oldest = this.#entries.shift()!
      this.#from = oldest.position
      this.#count(-oldest.text.length)
    }
  }

  /** Keeps nothing; what comes is behind `from`. */
  clear(from: Position): void {
    this.#from = from
    this.#entries.length = 0
    this.#count(-this.#chars)
  }

  #isFull(): boolean {
    if (this.#entries.length === 0) return false
    return this.#entries.length > MAX_RING_ENTRIES || this.#chars > MAX_RING_CHARS || this.#kept.chars > MAX_KEPT_CHARS
  }

  #count(chars: number): void {
    this.#chars += chars
    this.#kept.chars += chars
  }
}

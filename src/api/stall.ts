import type { Clock } from '../clock/port.ts'

/** Whoever has more bytes than this waiting for it … */
export const MAX_STALLED_BYTES = 1_048_576
/** … for so long is shown out, ms. */
export const MAX_STALLED_MS = 10_000
const LOOK_EVERY_MS = 1_000

/** Somebody who is written to: a WebSocket, or a stream of events. */
export type Reader = {
  /** Bytes that were written and not taken yet. */
  backlog(): number
  /** Ends it at once: it does not read, so there is nothing to say to it. */
  end(): void
}

/** Looks after those who are written to, so that one who does not read cannot keep memory for ever. One look at all, each second. */
export class StalledReaders {
  readonly #clock: Clock
  readonly #readers = new Map<Reader, number | undefined>()
  #isLooking = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @returns ends the watch */
  watch(reader: Reader): () => void {
    this.#readers.set(reader, undefined)
    if (!this.#isLooking) void this.#look()
    return () => void this.#readers.delete(reader)
  }

  async #look(): Promise<void> {
    this.#isLooking = true
    while (this.#readers.size > 0) {
      await this.#clock.sleep(LOOK_EVERY_MS)
      const nowUs = this.#clock.steadyUs()
      for (const [reader, sinceUs] of this.#readers) {
        if (reader.backlog() <= MAX_STALLED_BYTES) this.#readers.set(reader, undefined)
        else if (sinceUs === undefined) this.#readers.set(reader, nowUs)
        else if (nowUs - sinceUs >= MAX_STALLED_MS * 1_000) {
          this.#readers.delete(reader)
          reader.end()
        }
      }
    }
    this.#isLooking = false
  }
}

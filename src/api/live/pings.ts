import type { ServerResponse } from 'node:http'

/** How often a comment is sent, so that whoever is between does not think the connection dead, ms. */
export const PING_MS = 12_000

/** A comment of server-sent events. */
export const PING = ':\n\n'

/** Pings readers of server-sent events: one timer for all who are there, and none when nobody is. */
export class Pings {
  readonly #readers = new Set<Pick<ServerResponse, 'write' | 'writableLength'>>()
  #timer: NodeJS.Timeout | undefined

  /** @returns what ends it */
  add(reader: Pick<ServerResponse, 'write' | 'writableLength'>): () => void {
    this.#readers.add(reader)
    this.#timer ??= setInterval(() => this.#ping(), PING_MS)
    return () => {
      this.#readers.delete(reader)
      if (this.#readers.size > 0) return
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }

  #ping(): void {
    for (const reader of this.#readers) if (reader.writableLength === 0) reader.write(PING)
  }
}

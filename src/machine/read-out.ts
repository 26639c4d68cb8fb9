import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'

/** Resolves when the reader has had all of the stream, or has thrown it away. */
export const readOut = (stream: Readable): Promise<void> =>
  finished(stream, { writable: false }).then(
    () => {},
    () => {},
  )

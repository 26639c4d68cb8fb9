import type { WebSocket } from 'ws'
import type { Reader } from './reader.ts'

/** More than this waiting on a socket, bytes, and the next event is not written before some of it was taken. */
const MAX_UNWRITTEN_BYTES = 65_536

/**
 * Writes a subscription's events to its socket as `next` messages of graphql-transport-ws, around the text that all share. To
 * graphql-ws it is a subscription that gives nothing and ends when the events do: it would make every message anew.
 */
export const written = (reader: Reader, socket: WebSocket, id: string): AsyncIterableIterator<never> => {
  const before = `{"id":${JSON.stringify(id)},"type":"next","payload":`
  const over: IteratorResult<never> = { done: true, value: undefined }
  return {
    async next() {
      for (;;) {
        const { value, done } = await reader.next()
        if (done === true) return over
        if (socket.readyState !== socket.OPEN) break
        const message = `${before}${value.text}}`
        if (socket.bufferedAmount <= MAX_UNWRITTEN_BYTES) socket.send(message)
        else await new Promise<void>((taken) => void socket.send(message, () => taken()))
      }
      await reader.return()
      return over
    },
    async return() {
      await reader.return()
      return over
    },
    async throw(cause) {
      await reader.return()
      throw cause
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

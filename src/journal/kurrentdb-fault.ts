import { Fault } from '../../domain/fault.ts'

/** Words of the client (`type`) and numbers of gRPC (`code`) for a server that cannot be asked, or whose answer was lost. */
const UNAVAILABLE = new Set(['unavailable', 'deadline-exceeded', 'timeout', 'cancelled', 'not-leader'])
const UNAVAILABLE_STATUS = new Set([1, 4, 10, 14])
const TOO_LARGE = new Set([
  'maximum-append-size-exceeded',
  'append-record-size-exceeded',
  'transaction-max-size-exceeded',
])
const RESOURCE_EXHAUSTED = 8

const isIn = (set: ReadonlySet<string | number>, value: unknown): boolean => set.has(value as string | number)

/** What the client threw, as a fault with a code. @param shown the address, without its password */
export const kurrentdbFault = (error: unknown, shown: string): Fault => {
  if (error instanceof Fault) return error
  const { type, code, name, message } = (typeof error === 'object' && error !== null ? error : {}) as Record<
    string,
    unknown
  >
  if (isIn(TOO_LARGE, type) || code === RESOURCE_EXHAUSTED) {
    return new Fault('journal.too-large', `${shown} takes no append of this size`, {
      next: 'Raise MaxAppendSize and MaxAppendEventSize of the server; see docs/run-the-log-on-kurrentdb.md.',
      cause: error,
    })
  }
  if (type === 'access-denied') {
    return new Fault('journal.access-denied', `${shown} does not let this user in`, {
      culprit: 'you',
      next: 'Correct user and password in the address, or the rights of that user.',
      cause: error,
    })
  }
  if (type === 'stream-deleted' || type === 'stream-tombstoned') {
    return new Fault('journal.tombstoned', 'a stream was removed for ever', { cause: error })
  }
  // Words of the client's bridge for a connection that broke, whichever call it broke.
  const isLost =
    /failed to discover|write after end|client error \(connect\)|channel has been shut down|operation was cancelled|h2 protocol error|transport error|connection (reset|refused|closed)|broken pipe/i
  if (
    isIn(UNAVAILABLE, type) ||
    isIn(UNAVAILABLE_STATUS, code) ||
    name === 'TimeoutError' ||
    isLost.test(String(message))
  ) {
    return new Fault('journal.unavailable', `${shown} does not answer; what was being appended may be written or not`, {
      next: 'Start the server or correct the network, then give the same command, with its id, again: it is done once.',
      cause: error,
    })
  }
  return new Fault('journal.failed', `${shown}: ${String(message ?? error)}`, { cause: error })
}

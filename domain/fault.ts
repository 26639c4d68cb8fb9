/** Who a lease's end, or a failure, is to be put down to. */
export type Culprit = 'publisher' | 'provider' | 'peer-unreachable' | 'chain' | 'host'

/**
 * The world failed (not a rule, not a bug): thrown, with a code that is stable and documented.
 * `code` is dotted by subsystem (`docker.pull-failed`); `next` says what the reader can do about it.
 */
export class Fault extends Error {
  readonly code: string
  readonly culprit: Culprit | 'you'
  readonly next: string

  constructor(
    code: string,
    message: string,
    options: { culprit?: Culprit | 'you'; next?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'Fault'
    this.code = code
    this.culprit = options.culprit ?? 'host'
    this.next = options.next ?? 'See the log for the cause.'
  }
}

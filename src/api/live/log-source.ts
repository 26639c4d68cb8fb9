import type { Filter, Journal, Position } from '../../journal/port.ts'
import { followLog, type Told } from '../follow.ts'
import type { Metrics } from '../metrics.ts'

type Followed = {
  /** As the subscriber may see it. */
  readonly journal: Journal
  readonly filter: Filter
  /** Exclusive. */
  readonly after: Position
  /** Aborted when the server closes. */
  readonly closing: AbortSignal
  readonly metrics: Metrics
}

/**
 * Which part of the log a subscription follows. `LiveStreams` follows it once for all who ask the same; iterated, it is followed for
 * one subscriber alone.
 */
export class LogSource implements AsyncIterable<Told> {
  readonly journal: Journal
  readonly filter: Filter
  readonly after: Position
  readonly closing: AbortSignal
  readonly #metrics: Metrics

  constructor({ journal, filter, after, closing, metrics }: Followed) {
    this.journal = journal
    this.filter = filter
    this.after = after
    this.closing = closing
    this.#metrics = metrics
  }

  /** Not a generator: that would end at its next item only, which may never come. */
  [Symbol.asyncIterator](): AsyncIterator<Told> {
    const metrics = this.#metrics
    metrics.subscriptions.inc()
    const told = followLog(this, () => metrics.subscriptions.dec())
    return {
      async next() {
        const item = await told.next()
        if (item.done !== true) metrics.subscriptionEvents.inc()
        return item
      },
      return: () => told.return!(),
    }
  }
}

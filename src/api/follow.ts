import type { Filter, Journal, Position, Recorded, Retaining } from '../journal/port.ts'

/**
 * What a subscriber is given. `lagged`: it reads slower than the log grows; nothing was left out. `snapshot-required`: facts behind
 * its place cannot be told; it goes on behind `position`.
 */
export type Told =
  | { readonly kind: 'fact'; readonly recorded: Recorded }
  | { readonly kind: 'caught-up'; readonly position: Position }
  | { readonly kind: 'lagged'; readonly position: Position; readonly behind: number }
  | { readonly kind: 'snapshot-required'; readonly position: Position; readonly reason: SnapshotReason }

/** `removed`: the log let go of facts behind the place. `ahead-of-log`: the place is of another log, or of one that lost its end. */
export type SnapshotReason = 'removed' | 'ahead-of-log'

/** A part of the log. `streams`: those of which a reader must not miss that facts were removed. */
export type Part = { readonly filter: Filter; readonly streams: readonly string[] }

/** `describe` is there where the log can let go of facts. */
export type ReadLog = Journal & Partial<Pick<Retaining, 'describe'>>

/** A subscriber who had caught up and is so many positions behind the head again is told so, once until it catches up. */
export const LAGGED_POSITIONS = 1_000
/** How often a subscriber's distance to the head is looked at, in facts. */
const LOOK_EVERY = 100

/**
 * A part of the log by cursor, for one reader. Nothing is queued: the next fact is read when it is asked for, so one that reads
 * slowly costs no memory and holds nobody up. `return()` ends it at once, also while it waits for a fact.
 *
 * @param wasCaughtUp it has seen everything before, so being behind again is worth telling
 */
export const followLog = (
  journal: ReadLog,
  after: Position,
  part: Part,
  closing: AbortSignal,
  wasCaughtUp = false,
): AsyncIterableIterator<Told> => {
  const left = new AbortController()
  const source = told(journal, after, part, AbortSignal.any([closing, left.signal]), wasCaughtUp)
  return {
    next: () => source.next(),
    // A generator would only end at its next yield, which may never come: the signal wakes it first.
    async return() {
      left.abort()
      await source.return(undefined)
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

async function* told(
  journal: ReadLog,
  after: Position,
  part: Part,
  signal: AbortSignal,
  caughtUpBefore: boolean,
): AsyncGenerator<Told> {
  let wasCaughtUp = caughtUpBefore
  let facts = 0
  const head = await journal.head()
  const reason = after > head ? 'ahead-of-log' : (await isRemoved(journal, after, part.streams)) ? 'removed' : undefined
  if (reason !== undefined) yield { kind: 'snapshot-required', position: head, reason }
  for await (const item of journal.follow(reason === undefined ? after : head, part.filter, signal)) {
    if (item.kind === 'caught-up') {
      wasCaughtUp = true
    } else if (wasCaughtUp && ++facts % LOOK_EVERY === 0) {
      const behind = (await journal.head()) - item.recorded.position
      if (behind > LAGGED_POSITIONS) {
        wasCaughtUp = false
        yield { kind: 'lagged', position: item.recorded.position - 1, behind }
      }
    }
    yield item
  }
}

/**
 * Whether facts after `after` may be gone. Retention takes the oldest of a stream, and their positions go with them: a reader whose
 * place is before the oldest that is left may have missed some. It is told so too when it had seen them all, which costs it a query.
 */
const isRemoved = async (journal: ReadLog, after: Position, streams: readonly string[]): Promise<boolean> => {
  for (const stream of streams) {
    const [oldest] = await journal.read(stream, 0, 1)
    if (oldest !== undefined && oldest.version > 1 && oldest.position > after) return true
    if (oldest === undefined && (await journal.describe?.(stream))?.state === 'tombstoned') return true
  }
  return false
}

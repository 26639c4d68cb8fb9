import type { Filter, Journal, Position, Recorded } from '../journal/port.ts'
import { MissingFacts } from './missing.ts'

/**
 * What a subscriber is given. `lagged`: it reads slower than the log grows; nothing was left out. `snapshot-required`: facts cannot be
 * told; what they came to is to be read from the rows, and what comes next is behind `position`.
 */
export type Told =
  | { readonly kind: 'fact'; readonly recorded: Recorded }
  | { readonly kind: 'caught-up'; readonly position: Position }
  | { readonly kind: 'lagged'; readonly position: Position; readonly behind: number }
  | { readonly kind: 'snapshot-required'; readonly position: Position; readonly reason: 'removed' | 'ahead' }

/** A subscriber who had caught up and is so many positions behind the head again is told so, once until it catches up. */
export const LAGGED_POSITIONS = 1_000
/** How often a subscriber's distance to the head is looked at, in facts. */
const LOOK_EVERY = 100

/** Facts after `after` that pass `filter`, as `journal` shows them, until `closing` is aborted. */
export type FollowedLog = {
  readonly journal: Journal
  readonly filter: Filter
  readonly after: Position
  readonly closing: AbortSignal
}

/**
 * The log by cursor, for one subscriber. Nothing is queued: the next fact is read when it is asked for, so a subscriber that reads
 * slowly costs no memory and holds nobody up. `return()` ends it at once, also while it waits for a fact. `wasCaughtUp`: it is told when
 * it lags from the beginning.
 */
export const followLog = (
  followed: FollowedLog,
  onEnd: () => void,
  wasCaughtUp = false,
): AsyncIterableIterator<Told> => {
  const left = new AbortController()
  const signal = AbortSignal.any([followed.closing, left.signal])
  const source = told(followed, signal, wasCaughtUp)
  let open = true
  const end = (): void => {
    if (open) onEnd()
    open = false
  }
  return {
    async next() {
      const result = await source.next().catch((fault: unknown) => {
        end()
        throw fault
      })
      if (result.done === true) end()
      return result
    },
    // A generator would only end at its next yield, which may never come: the signal wakes it first.
    async return() {
      left.abort()
      end()
      await source.return(undefined)
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

async function* told(followed: FollowedLog, signal: AbortSignal, wasCaughtUp: boolean): AsyncGenerator<Told> {
  const { journal } = followed
  const head = await journal.head()
  let after = followed.after
  if (after > head) {
    after = head
    yield { kind: 'snapshot-required', position: head, reason: 'ahead' }
  }
  while (!signal.aborted) {
    const lost = yield* untilMissing({ ...followed, after }, signal, wasCaughtUp)
    if (!lost) return
    after = await journal.head()
    yield { kind: 'snapshot-required', position: after, reason: 'removed' }
  }
}

/** @returns whether it ended because facts are missing */
async function* untilMissing(
  { journal, after, filter }: FollowedLog,
  signal: AbortSignal,
  caughtUpBefore: boolean,
): AsyncGenerator<Told, boolean> {
  const missing = new MissingFacts(journal, after, filter.types === undefined)
  // A filter without types is for one stream.
  const stream = filter.types === undefined ? filter.streamPrefix : undefined
  let wasCaughtUp = caughtUpBefore
  let wasAsked = stream === undefined
  let facts = 0
  for await (const item of journal.follow(after, filter, signal)) {
    if (item.kind === 'caught-up') {
      if (!wasAsked && stream !== undefined && (await missing.isGone(stream)))
        yield { kind: 'snapshot-required', position: item.position, reason: 'removed' }
      wasAsked = true
      wasCaughtUp = true
    } else {
      if (await missing.before(item.recorded)) return true
      if (wasCaughtUp && ++facts % LOOK_EVERY === 0) {
        const behind = (await journal.head()) - item.recorded.position
        if (behind > LAGGED_POSITIONS) {
          wasCaughtUp = false
          yield { kind: 'lagged', position: item.recorded.position - 1, behind }
        }
      }
    }
    yield item
  }
  return false
}

import { setImmediate as turn } from 'node:timers/promises'
import type { Filter, Followed, Position, Recorded } from './port.ts'

/** Facts of a window of the log that pass a filter, and the position up to which it has looked. */
export type Window = { readonly facts: readonly Recorded[]; readonly upTo: Position }

/** What a follower needs of a log. */
export type Source = {
  /** Looks at a bounded piece of the log after `after`; `upTo` equals `after` only when there is nothing more. */
  scan(after: Position, filter: Filter | undefined): Promise<Window>
  /** Resolves when there is a fact after `after`, or `signal` is aborted. */
  beyond(after: Position, signal: AbortSignal, wanted?: Filter): Promise<void>
  /** Lets others have their turn; absent: a turn of the event loop. */
  breathe?(): Promise<void>
}

/** Always pulls by position, and is only woken by appends: so between catch-up and live there is no seam to lose a fact in. */
export async function* followSource(
  source: Source,
  after: Position,
  filter: Filter | undefined,
  signal: AbortSignal,
): AsyncGenerator<Followed> {
  let at = after
  let told = -1
  while (!signal.aborted) {
    const { facts, upTo } = await source.scan(at, filter)
    for (const recorded of facts) {
      if (signal.aborted) return
      yield { kind: 'fact', recorded }
    }
    if (upTo > at) {
      at = upTo
      await (source.breathe?.() ?? turn())
    } else {
      if (told !== at) {
        told = at
        yield { kind: 'caught-up', position: at }
      }
      await source.beyond(at, signal, filter?.quiet && filter)
    }
  }
}

/** Whether a fact passes; an absent filter lets everything through. */
export const passes = (filter: Filter | undefined, stream: string, type: string): boolean =>
  (filter?.streamPrefix === undefined || stream.startsWith(filter.streamPrefix)) &&
  (filter?.types === undefined || filter.types.includes(type))

import { Fault } from '../../domain/fault.ts'
import type { Window } from './follow.ts'
import { retryPause } from './kurrentdb-bell.ts'
import type { Followed, Position } from './port.ts'

export type RemoteSource = {
  /** Looks at a bounded piece of the log after `after`; `upTo` equals `after` only when there is nothing more. */
  scan(after: Position): Promise<Window>
  /** Resolves when there is a fact after `after`, or `signal` is aborted. */
  beyond(after: Position, signal: AbortSignal): Promise<void>
  /** Aborted when the journal is closed. */
  readonly closing: AbortSignal
}

/**
 * Pulls by position, a page at a time and only as fast as it is read, so a lost connection loses nothing and repeats nothing: the
 * page is asked for again when the server is back, however long that takes.
 * @throws Fault `journal.closed`, and what a page is refused with for another reason than a lost connection
 */
export async function* followRemote(
  source: RemoteSource,
  after: Position,
  signal: AbortSignal,
): AsyncGenerator<Followed> {
  let at = after
  let told = -1
  let failures = 0
  const over = AbortSignal.any([signal, source.closing])
  while (!signal.aborted) {
    if (source.closing.aborted) throw new Fault('journal.closed', 'the journal is closed')
    const window = await orOver(source.scan(at), over).catch(unlessUnavailable)
    if (over.aborted) continue
    if (window === undefined) {
      failures += 1
      await retryPause(failures, over)
      continue
    }
    failures = 0
    for (const recorded of window.facts) {
      if (signal.aborted) return
      yield { kind: 'fact', recorded }
    }
    if (window.upTo > at) {
      at = window.upTo
      continue
    }
    if (told !== at) {
      told = at
      yield { kind: 'caught-up', position: at }
    }
    await source.beyond(at, over)
  }
}

const unlessUnavailable = (error: unknown): undefined => {
  if (!(error instanceof Fault && error.code === 'journal.unavailable')) throw error
}

/** A page that is still on its way is not waited for when nobody wants it any more. */
const orOver = async (page: Promise<Window>, over: AbortSignal): Promise<Window | undefined> => {
  page.catch(() => {})
  let stop = (): void => {}
  const stopped = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined)
    over.addEventListener('abort', stop, { once: true })
    if (over.aborted) stop()
  })
  try {
    return await Promise.race([page, stopped])
  } finally {
    over.removeEventListener('abort', stop)
  }
}

import { Fault } from '../../domain/fault.ts'
import type { Clock } from '../clock/port.ts'
import type { Journal, Position, Recorded } from '../journal/port.ts'
import { type Checkpoints, MAX_ERROR_TEXT, type Parked, type Process } from './port.ts'
import { backoffMs, DEFAULT_RETRY, type Retry, sleepUntilAborted } from './retry.ts'

export type RunOptions = {
  readonly journal: Journal
  readonly checkpoints: Checkpoints
  readonly clock: Clock
  /** Ends the run; a fact that is being handled is finished first. */
  readonly signal: AbortSignal
  readonly retry?: Retry
  readonly onParked?: (parked: Parked, cause: unknown) => void
}

/**
 * Runs a process until `signal` is aborted: facts in order, from its checkpoint. A fact that fails every attempt is parked, so
 * that one bad fact does not stop all that come after it.
 * @throws Fault of the journal, when it cannot be read
 */
export const runProcess = async (process: Process, options: RunOptions): Promise<void> => {
  const { journal, checkpoints, signal } = options
  let stored = checkpoints.get(process.name)
  const reached = (position: Position): void => {
    if (position > stored) checkpoints.set(process.name, position)
    stored = Math.max(stored, position)
  }
  for await (const followed of journal.follow(stored, process.filter, signal)) {
    if (followed.kind === 'caught-up') {
      reached(followed.position)
      continue
    }
    const outcome = await attempt(process, followed.recorded, options)
    if (outcome === 'aborted') return
    if (outcome === 'parked') stored = followed.recorded.position
    else reached(followed.recorded.position)
  }
}

const attempt = async (
  process: Process,
  recorded: Recorded,
  { clock, signal, checkpoints, retry = DEFAULT_RETRY, onParked }: RunOptions,
): Promise<'handled' | 'parked' | 'aborted'> => {
  for (let failures = 0; ; ) {
    try {
      await process.handle(recorded)
      return 'handled'
    } catch (cause) {
      if (signal.aborted) return 'aborted'
      failures += 1
      if (failures >= retry.attempts) {
        const parked = parkedOf(process.name, recorded.position, clock.now(), cause)
        checkpoints.park(parked)
        onParked?.(parked, cause)
        return 'parked'
      }
    }
    await sleepUntilAborted(clock, backoffMs(retry, failures), signal)
    if (signal.aborted) return 'aborted'
  }
}

/**
 * Handles a parked fact once more, now, beside the running process. When it succeeds it is parked no longer.
 * @throws what `handle` throws: the fact stays parked, with the new error
 * @throws Fault `process.not-parked`
 */
export const replayParked = async (
  process: Process,
  position: Position,
  { journal, checkpoints, clock }: Pick<RunOptions, 'journal' | 'checkpoints' | 'clock'>,
): Promise<void> => {
  const [recorded] = await journal.readAll(position - 1, undefined, 1)
  const known = checkpoints.parked(process.name).some((parked) => parked.position === position)
  if (!known || recorded?.position !== position) {
    throw new Fault('process.not-parked', `${process.name} has not parked position ${position}`, { culprit: 'you' })
  }
  try {
    await process.handle(recorded)
  } catch (cause) {
    checkpoints.park(parkedOf(process.name, position, clock.now(), cause))
    throw cause
  }
  checkpoints.unpark(process.name, position)
}

const parkedOf = (name: string, position: Position, at: number, cause: unknown): Parked => ({
  name,
  position,
  at,
  code: cause instanceof Fault ? cause.code : 'process.bug',
  error: (cause instanceof Error ? cause.message : String(cause)).slice(0, MAX_ERROR_TEXT),
})

import type { Keeping } from '../../domain/decider.ts'
import type { Journal, Position, Recorded } from './port.ts'
import { isLast, type Snapshots } from './snapshots.ts'

/** A fold over many streams, up to its last fact. */
export type LogFold<State> = { readonly state: State; readonly position: Position; readonly last: Recorded }

/**
 * The fold as its snapshot has it; undefined when there is none of this log. It goes on from the last fact that is in it: what came
 * after it up to the snapshot is looked through again, since a log that was put back from a backup may have gone another way there.
 */
export const takenUp = async <State>(
  journal: Journal,
  snapshots: Snapshots | undefined,
  name: string,
  keeping: Keeping<State>,
): Promise<LogFold<State> | undefined> => {
  const snapshot = snapshots?.get(name, keeping)
  if (!snapshot) return undefined
  const { position, state } = snapshot
  const [last] = await journal.readAll(position - 1, undefined, 1)
  if (last === undefined || !isLast(snapshot, last)) return snapshots?.drop(name, 'the log has gone another way')
  snapshots?.used()
  return { state, position, last }
}

/** Puts the fold away as it is now: it goes on changing, and its last fact must be the one that is named. */
export const putAway = <State>(
  snapshots: Snapshots,
  name: string,
  keeping: Keeping<State>,
  { state, last }: Pick<LogFold<State>, 'state' | 'last'>,
): void => {
  const frozen = structuredClone(keeping.freeze(state))
  snapshots.put(name, { ...keeping, freeze: () => frozen }, state, async () => last)
}

import type { Told } from '../follow.ts'
import { builder } from './builder.ts'

/** What a subscription to the log tells besides facts; the same in all of them. */

export type ToldFact = Extract<Told, { kind: 'fact' }>
type ToldCaughtUp = Extract<Told, { kind: 'caught-up' }>
type ToldLagged = Extract<Told, { kind: 'lagged' }>
type ToldSnapshotRequired = Extract<Told, { kind: 'snapshot-required' }>

export const CaughtUpType = builder.objectRef<ToldCaughtUp>('CaughtUp').implement({
  description: 'Everything up to this position was told; what comes now is live.',
  fields: (t) => ({ position: t.expose('position', { type: 'Position' }) }),
})

export const LaggedType = builder.objectRef<ToldLagged>('Lagged').implement({
  description: 'The subscriber reads slower than the log grows. Nothing is left out: the rest follows.',
  fields: (t) => ({
    position: t.expose('position', { type: 'Position', description: 'Up to which everything was told.' }),
    behind: t.exposeInt('behind', { description: 'Positions to the newest fact.' }),
  }),
})

const SnapshotReasonEnum = builder.enumType('SnapshotReason', {
  description: 'Why facts cannot be told.',
  values: {
    REMOVED: { value: 'removed', description: 'Facts behind `after` are not in the log any more.' },
    AHEAD: { value: 'ahead', description: '`after` is a place that this log has not reached: it is of another log.' },
  } as const,
})

export const SnapshotRequiredType = builder.objectRef<ToldSnapshotRequired>('SnapshotRequired').implement({
  description:
    'Facts cannot be told. Take the state by a query with `atLeast` of this position; what comes next is behind it. After facts were ' +
    'removed this may be said to one who knew them.',
  fields: (t) => ({
    position: t.expose('position', { type: 'Position' }),
    reason: t.expose('reason', { type: SnapshotReasonEnum }),
  }),
})

/** The members of every union of items; `event` is its own. */
export const itemTypeOf =
  (event: string) =>
  ({ kind }: Told): string => {
    switch (kind) {
      case 'fact':
        return event
      case 'caught-up':
        return 'CaughtUp'
      case 'lagged':
        return 'Lagged'
      case 'snapshot-required':
        return 'SnapshotRequired'
    }
  }

/** The id in the name of a stream; null when it is of another kind. */
export const idIn = (stream: string, prefix: string): string | null =>
  stream.startsWith(prefix) ? stream.slice(prefix.length) : null

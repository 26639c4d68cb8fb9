import type { TimerFact } from '../domain/timer/facts.ts'
import type { Table } from './table.ts'

export type TimerState = 'set' | 'fired' | 'cancelled'

/** What is to be done at a time. */
export type TimerRow = {
  /** Its key. */
  readonly id: string
  readonly kind: string
  readonly subject: string
  readonly state: TimerState
  /** Unix ms. */
  readonly due: number
  /** When it was set or moved last. */
  readonly setAt: number
  /** When it fired or was cancelled; absent while it is set. */
  readonly endedAt?: number
  /** Position of its first fact: the order of lists, which never changes. */
  readonly began: number
  readonly position: number
}

export const timers = {
  name: 'timers',
  version: 1,
  types: ['timer.set', 'timer.fired', 'timer.cancelled'],
  columns: {
    began: (row) => row.began,
    state: (row) => row.state,
    kind: (row) => row.kind,
    subject: (row) => row.subject,
    due: (row) => row.due,
  },
  fold({ stream, position, fact }, rows) {
    const id = stream.slice('timer-'.length)
    const row = rows.get(id)
    const { at } = fact
    if (fact.type === 'timer.set') {
      const { kind, subject, due } = fact
      rows.put(id, { id, kind, subject, state: 'set', due, setAt: at, began: row?.began ?? position, position })
    } else if (row) {
      const state = fact.type === 'timer.fired' ? 'fired' : 'cancelled'
      rows.put(id, { ...row, state, endedAt: at, position })
    }
  },
} satisfies Table<TimerRow, TimerFact>

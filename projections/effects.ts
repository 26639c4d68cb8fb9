import type { EffectFact } from '../domain/effect/facts.ts'
import type { Table } from './table.ts'

export type EffectState =
  /** Tried until it is done. */
  | 'open'
  /** Failed too often: waits for a person. */
  | 'parked'
  | 'done'
  | 'dropped'

/** Something that was to be done in the world. */
export type EffectRow = {
  readonly id: string
  readonly kind: string
  readonly subject: string
  readonly state: EffectState
  readonly askedAt: number
  /** When it was done, parked or dropped last; absent while it is open. */
  readonly endedAt?: number
  /** Why it was parked last, and how often it was tried then. */
  readonly failure?: { readonly code: string; readonly next: string; readonly attempts: number }
  /** Position of its first fact: the order of lists, which never changes. */
  readonly began: number
  readonly position: number
}

export const effects = {
  name: 'effects',
  version: 1,
  types: ['effect.asked', 'effect.done', 'effect.parked', 'effect.replayed', 'effect.dropped'],
  columns: {
    began: (row) => row.began,
    state: (row) => row.state,
    kind: (row) => row.kind,
    subject: (row) => row.subject,
    askedAt: (row) => row.askedAt,
  },
  fold({ stream, position, fact }, rows) {
    const id = stream.slice('effect-'.length)
    const row = after(rows.get(id), fact, id, position)
    if (row) rows.put(id, { ...row, position })
  },
} satisfies Table<EffectRow, EffectFact>

const after = (row: EffectRow | undefined, fact: EffectFact, id: string, position: number): EffectRow | undefined => {
  const { at } = fact
  if (fact.type === 'effect.asked') {
    const { kind, subject } = fact
    return { id, kind, subject, state: 'open', askedAt: at, began: position, position }
  }
  if (!row) return undefined
  switch (fact.type) {
    case 'effect.done':
      return { ...row, state: 'done', endedAt: at }
    case 'effect.parked': {
      const { code, next, attempts } = fact
      return { ...row, state: 'parked', endedAt: at, failure: { code, next, attempts } }
    }
    case 'effect.replayed': {
      const { endedAt: _, ...open } = row
      return { ...open, state: 'open' }
    }
    case 'effect.dropped':
      return { ...row, state: 'dropped', endedAt: at }
  }
}

import type { Table } from '../../projections/table.ts'

/** Facts of the tests' own little world: sats move, and owners come and go. */
export type PurseFact = {
  readonly type: 'purse.moved' | 'purse.named' | 'purse.burnt'
  readonly at: number
  readonly sats?: bigint
  readonly owner?: string
}

export type PurseRow = {
  readonly sats: bigint
  readonly owner?: string
  readonly moves: number
  readonly seen: number[]
}

/** `seen` keeps the last positions, so that a fact folded twice, or in another order, shows in the rows. */
export const purses = {
  name: 'purses',
  version: 1,
  types: ['purse.moved', 'purse.named', 'purse.burnt'],
  columns: {
    moves: (row) => row.moves,
    owner: (row) => row.owner ?? null,
    rich: (row) => row.sats > 100n,
  },
  fold({ stream, position, fact }, rows) {
    if (fact.type === 'purse.burnt') return rows.delete(stream)
    const row = rows.get(stream) ?? { sats: 0n, moves: 0, seen: [] }
    const seen = [...row.seen, position].slice(-5)
    if (fact.type === 'purse.named') rows.put(stream, { ...row, seen, ...(fact.owner ? { owner: fact.owner } : {}) })
    else rows.put(stream, { ...row, sats: row.sats + (fact.sats ?? 0n), moves: row.moves + 1, seen })
  },
} satisfies Table<PurseRow, PurseFact>

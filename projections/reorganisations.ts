import type { ChainFact } from '../domain/chain/facts.ts'
import type { Table } from './table.ts'

/** Once that another branch of the chain took over, as this node followed it. */
export type ReorganisationRow = {
  /** Position of its fact. */
  readonly id: string
  readonly at: number
  /** Blocks that were left. */
  readonly depth: number
  /** The newest block that both branches have. */
  readonly height: number
  readonly hash: string
  /** The tip that was left. */
  readonly from: string
  readonly position: number
}

export const reorganisations = {
  name: 'reorganisations',
  version: 1,
  types: ['chain.reorganised'],
  columns: { at: (row) => row.at, depth: (row) => row.depth },
  fold({ position, fact: { type: _, ...told } }, rows) {
    rows.put(`${position}`, { id: `${position}`, ...told, position })
  },
} satisfies Table<ReorganisationRow, Extract<ChainFact, { type: 'chain.reorganised' }>>

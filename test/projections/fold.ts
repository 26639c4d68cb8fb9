import type { Fact } from '../../domain/fact.ts'
import type { RowsOf, Table } from '../../projections/table.ts'

const frozen = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const part of Object.values(value)) frozen(part)
  return Object.freeze(value)
}

/** Folds facts, given as [stream, fact], into rows held in a map; numbers them as a log would. */
export const fold = <Row, F extends Fact>(
  table: Table<Row, F>,
  history: readonly (readonly [stream: string, fact: F])[],
): Map<string, Row> => {
  const rows = new Map<string, Row>()
  const access: RowsOf<Row> = {
    // The same objects, as the projector gives them: a fold that changed one instead of putting a new one would throw.
    get: (id) => rows.get(id),
    put: (id, row) => void rows.set(id, frozen(row)),
    delete: (id) => void rows.delete(id),
  }
  const versions = new Map<string, number>()
  for (const [index, [stream, fact]] of history.entries()) {
    const version = (versions.get(stream) ?? 0) + 1
    versions.set(stream, version)
    if (!table.types.includes(fact.type)) continue
    table.fold({ position: index + 1, stream, version, fact, commandId: '', correlationId: '' }, access)
  }
  return rows
}

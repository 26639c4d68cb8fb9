import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { ArchiveReader } from './archive-reader.ts'
import type { Position } from './port.ts'
import { checkSum } from './sqlite-sum.ts'
import { storedFact } from './upcast.ts'

export type Row = Readonly<Record<string, SQLOutputValue>>

/** A fact that could not be read. Its stream is known when the places still tell it. */
export type Lost = {
  readonly position: Position
  readonly why: string
  readonly stream?: string
  readonly version?: number
}

/** What SQLite says of a page that it cannot make sense of, or we of a fact. */
export const said = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** What `read` gives; `otherwise` where the file is damaged. */
export const attempt = <T>(read: () => T, otherwise: T): T => {
  try {
    return read()
  } catch {
    return otherwise
  }
}

/** Reads a journal's file position by position, past what is damaged. A file before layout 3 has no sums and no places. */
export class DamagedLog {
  readonly #db: DatabaseSync
  readonly #layout: number
  readonly #segments: string

  constructor(db: DatabaseSync, layout: number, path: string) {
    this.#db = db
    this.#layout = layout
    this.#segments = `${path}.segments`
  }

  get #isOld(): boolean {
    return this.#layout < 3
  }

  /** The newest position that anything tells of. */
  head(): Position {
    const tells = ['SELECT max(position) AS at FROM facts', 'SELECT max(position) AS at FROM reached']
    if (!this.#isOld) tells.push('SELECT position AS at FROM placed', 'SELECT max(position) AS at FROM places')
    return Math.max(0, ...tells.map((sql) => attempt(() => Number(this.#db.prepare(sql).get()?.['at'] ?? 0), 0)))
  }

  /** Each fact that can be read, and each that cannot, in order; positions whose facts were removed give nothing. */
  *walk(head: Position): Generator<{ readonly row: Row } | { readonly lost: Lost }> {
    const at = this.#db.prepare(`SELECT *${this.#isOld ? ', NULL AS sum' : ''} FROM facts WHERE position = ?`)
    // One byte for each: a join with the facts would end at the first damaged page.
    const placed = new Uint8Array(head + 1)
    this.#eachPlace((position) => {
      placed[position] = 1
    })
    for (let position = 1; position <= head; position++) {
      try {
        const row = at.get(position)
        if (row !== undefined) {
          checkSum(String(row['fact']), position, row['sum'] === null ? null : Number(row['sum']))
          storedFact(String(row['fact']))
          yield { row }
        } else if (placed[position] === 1) yield { lost: { position, why: 'it is not there' } }
      } catch (error) {
        yield { lost: { position, why: said(error) } }
      }
    }
  }

  /** Reads the whole archive. `lost` without what is there: a position on a damaged page may be of a fact that was moved. */
  archive(lost: readonly Lost[]): { readonly facts: number; readonly damages: string[]; readonly lost: Lost[] } {
    const damages: string[] = []
    const missing = new Map(lost.map((one) => [one.position, one]))
    let facts = 0
    if (this.#layout < 2) return { facts, damages, lost: this.#named([...missing.values()]) }
    const reader = attempt(() => new ArchiveReader(this.#db, this.#segments), undefined)
    for (const row of attempt<Row[]>(() => this.#db.prepare('SELECT * FROM archived').all(), [])) {
      try {
        for (const { position } of reader?.lines(row) ?? []) {
          missing.delete(position)
          facts += 1
        }
      } catch (error) {
        damages.push(`stream ${row['stream']} in the archive: ${said(error)}`)
      }
    }
    return { facts, damages, lost: this.#named([...missing.values()]) }
  }

  /** With their streams, as far as their places can still be read. */
  #named(lost: readonly Lost[]): Lost[] {
    const wanted = new Map(lost.map((one) => [one.position, one]))
    if (wanted.size > 0) {
      this.#eachPlace((position, stream, version) => {
        const one = wanted.get(position)
        if (one !== undefined) wanted.set(position, { ...one, stream, version })
      })
    }
    return [...wanted.values()]
  }

  #eachPlace(see: (position: Position, stream: string, version: number) => void): void {
    if (this.#isOld) return
    try {
      for (const { position, stream, version } of this.#db.prepare('SELECT * FROM places').iterate()) {
        see(Number(position), String(stream), Number(version))
      }
    } catch {
      // What was read until then still tells of some.
    }
  }
}

import type { DatabaseSync } from 'node:sqlite'
import type { Position } from './port.ts'

/** Where one fact of a stream is. */
export type Place = { readonly version: number; readonly position: Position }

/** When so many facts have no place in the file yet, all get one. */
export const FRESH_FACTS = 4_096

/**
 * Where the facts of each stream are: in the file (`places`) for positions up to `placed`, in memory for those after it, which are
 * found again by looking at the facts. An index that is written with each fact dirties a page for each stream in each commit, which
 * was more than half of what an append cost; in the order of the streams, for thousands at a time, it is a tenth (measured).
 */
export class SqlitePlaces {
  #fresh = new Map<string, Place[]>()
  #placed: Position = 0
  #seen: Position = -1
  readonly #statements

  constructor(db: DatabaseSync) {
    this.#statements = {
      placed: db.prepare('SELECT position FROM placed'),
      after: db.prepare('SELECT position, stream, version FROM facts WHERE position > ? ORDER BY position'),
      place: db.prepare(`INSERT INTO places (stream, version, position)
        SELECT stream, version, position FROM facts WHERE position > ? ORDER BY stream, version`),
      placeOne: db.prepare('INSERT INTO places (stream, version, position) VALUES (?, ?, ?)'),
      reach: db.prepare('UPDATE placed SET position = ?'),
      newest: db.prepare('SELECT max(version) AS version FROM places WHERE stream = ?'),
      removeFacts: db.prepare(
        'DELETE FROM facts WHERE position IN (SELECT position FROM places WHERE stream = ? AND version < ?)',
      ),
      removePlaces: db.prepare('DELETE FROM places WHERE stream = ? AND version < ?'),
      removeFact: db.prepare('DELETE FROM facts WHERE position = ?'),
    }
    this.#statements.after.setReturnArrays(true)
  }

  /** Notices what other processes have written. */
  refresh(): void {
    const placed = Number(this.#statements.placed.get()!['position'])
    if (placed !== this.#placed || this.#seen < placed) {
      this.#fresh.clear()
      this.#placed = placed
      this.#seen = placed
    }
    const rows = this.#statements.after.iterate(this.#seen) as Iterable<unknown> as Iterable<[number, string, number]>
    for (const [position, stream, version] of rows) this.add(stream, version, position)
  }

  /** What memory says is in doubt: a transaction was undone. */
  forgetCached(): void {
    this.#fresh.clear()
    this.#seen = -1
  }

  /** A fact was written at the end of the log. */
  add(stream: string, version: number, position: Position): void {
    const own = this.#fresh.get(stream)
    if (own === undefined) this.#fresh.set(stream, [{ version, position }])
    else own.push({ version, position })
    this.#seen = position
  }

  /** Those of a stream's facts that only memory can place, oldest first. All others are older. */
  fresh(stream: string): readonly Place[] {
    return this.#fresh.get(stream) ?? []
  }

  /** Version of the newest fact that is there; 0 when none is. */
  newest(stream: string): number {
    return this.#fresh.get(stream)?.at(-1)?.version ?? Number(this.#statements.newest.get(stream)!['version'] ?? 0)
  }

  /** Places the fresh facts when there are enough of them. Inside a transaction. */
  placeMany(): void {
    if (this.#seen - this.#placed >= FRESH_FACTS) this.placeAll()
  }

  /** Places all facts that have none. Inside a transaction. */
  placeAll(): void {
    if (this.#seen === this.#placed) return
    this.#statements.place.run(this.#placed)
    this.#statements.reach.run(this.#seen)
    this.#placed = this.#seen
    this.#fresh.clear()
  }

  /** Places a fact that comes back from the archive: it was placed when it went there. Inside a transaction. */
  placeAgain(stream: string, version: number, position: Position): void {
    this.#statements.placeOne.run(stream, version, position)
  }

  /** Removes a stream's facts with a lower version. Inside a transaction. */
  remove(stream: string, before: number): void {
    const fresh = this.#fresh.get(stream) ?? []
    if (fresh.length === 0 || fresh[0]!.version > 1) {
      this.#statements.removeFacts.run(stream, before)
      this.#statements.removePlaces.run(stream, before)
    }
    const gone = fresh.filter(({ version }) => version < before)
    for (const { position } of gone) this.#statements.removeFact.run(position)
    if (gone.length > 0) this.#fresh.set(stream, fresh.slice(gone.length))
  }
}

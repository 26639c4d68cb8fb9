import { inTransaction, openDatabase } from '../sqlite/database.ts'
import type { Checkpoints, Parked } from './port.ts'

/**
 * Checkpoints in a file of their own, not in the journal's: one is written after every handled fact, and in the journal's file
 * each would take its write lock and wake every follower. Not synced each time: after a power cut a process sees its newest
 * facts again, which it must bear anyway; a killed program loses nothing. A parked fact and its checkpoint are one unit.
 * @throws Fault `checkpoints.foreign-file`, `.newer-file`, `.corrupt`, `.locked`, `.failed`
 */
export const openCheckpoints = async ({ path }: { readonly path: string }): Promise<Checkpoints> => {
  const db = await openDatabase(path, {
    subsystem: 'checkpoints',
    applicationId: 0x5a4e4350, // 'ZNCP'
    version: 1,
    synchronous: 'NORMAL',
    schema: `
      CREATE TABLE checkpoints (name TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
      CREATE TABLE parked (
        name TEXT NOT NULL,
        position INTEGER NOT NULL,
        at INTEGER NOT NULL,
        code TEXT NOT NULL,
        error TEXT NOT NULL,
        PRIMARY KEY (name, position)
      ) STRICT, WITHOUT ROWID;`,
  })
  const get = db.prepare('SELECT position FROM checkpoints WHERE name = ?')
  const set = db.prepare('INSERT INTO checkpoints VALUES (?, ?) ON CONFLICT DO UPDATE SET position = excluded.position')
  const advance = db.prepare(
    'INSERT INTO checkpoints VALUES (?, ?) ON CONFLICT DO UPDATE SET position = max(position, excluded.position)',
  )
  const park = db.prepare('INSERT OR REPLACE INTO parked (name, position, at, code, error) VALUES (?, ?, ?, ?, ?)')
  const parked = db.prepare(
    'SELECT name, position, at, code, error FROM parked WHERE ?1 IS NULL OR name = ?1 ORDER BY position, name',
  )
  const unpark = db.prepare('DELETE FROM parked WHERE name = ? AND position = ?')
  return {
    get: (name) => Number(get.get(name)?.['position'] ?? 0),
    set: (name, position) => void set.run(name, position),
    park: (one) =>
      inTransaction(db, () => {
        park.run(one.name, one.position, one.at, one.code, one.error)
        advance.run(one.name, one.position)
      }),
    parked: (name) =>
      parked.all(name ?? null).map(
        (row): Parked => ({
          name: String(row['name']),
          position: Number(row['position']),
          at: Number(row['at']),
          code: String(row['code']),
          error: String(row['error']),
        }),
      ),
    unpark: (name, position) => void unpark.run(name, position),
    close: () => db.close(),
  }
}

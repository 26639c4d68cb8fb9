import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Fault } from '../domain/fault.ts'

/**
 * Keeps a data directory to one process. The lock is the system's, on an otherwise empty SQLite file: it goes with the process,
 * however that ends, so there is no stale lock to clear after a kill.
 *
 * @returns what gives it free
 * @throws Fault `node.locked`
 */
export const lockDataDir = (dataDir: string): (() => void) => {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const db = new DatabaseSync(join(dataDir, 'lock'), { timeout: 0 })
  try {
    db.exec('PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT; BEGIN EXCLUSIVE')
  } catch (cause) {
    db.close()
    throw new Fault('node.locked', `another node uses ${dataDir}`, {
      culprit: 'you',
      next: 'Stop it, or give this one its own --data-dir.',
      cause,
    })
  }
  return () => db.close()
}

import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Fault } from '../domain/fault.ts'

/** Makes the directory, for its owner alone, when it is not there yet. @throws Fault `node.data-dir` when it cannot be written to */
export const ensureDataDir = (dataDir: string): void => {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new Fault('node.data-dir', `${dataDir} cannot be written to (${(cause as NodeJS.ErrnoException).code})`, {
      culprit: 'you',
      next: 'Choose another with --data-dir, or change its owner.',
      cause,
    })
  }
}

/**
 * Keeps a data directory to one process. The lock is the system's, on an otherwise empty SQLite file: it goes with the process,
 * however that ends, so there is no stale lock to clear after a kill.
 *
 * @returns what gives it free
 * @throws Fault `node.locked`, `node.data-dir`
 */
export const lockDataDir = (dataDir: string): (() => void) => {
  ensureDataDir(dataDir)
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

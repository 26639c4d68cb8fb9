import { openDatabase } from '../sqlite/database.ts'
import type { Deadline, Deadlines } from './port.ts'

/**
 * Deadlines in a file of their own, on the disk before `set` returns: a forgotten one could leave a lease open for ever.
 * @throws Fault `deadlines.foreign-file`, `.newer-file`, `.corrupt`, `.locked`, `.failed`
 */
export const openDeadlines = async ({ path }: { readonly path: string }): Promise<Deadlines> => {
  const db = await openDatabase(path, {
    subsystem: 'deadlines',
    applicationId: 0x5a4e444c, // 'ZNDL'
    version: 1,
    synchronous: 'FULL',
    schema: `
      CREATE TABLE deadlines (
        key TEXT PRIMARY KEY,
        at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL
      ) STRICT;
      CREATE INDEX deadlines_by_time ON deadlines (at, key);`,
  })
  const set = db.prepare('INSERT OR REPLACE INTO deadlines (key, at, kind, subject) VALUES (?, ?, ?, ?)')
  const cancel = db.prepare('DELETE FROM deadlines WHERE key = ?')
  const done = db.prepare('DELETE FROM deadlines WHERE key = ? AND at = ? AND kind = ? AND subject = ?')
  const next = db.prepare('SELECT key, at, kind, subject FROM deadlines ORDER BY at, key LIMIT 1')
  const due = db.prepare('SELECT key, at, kind, subject FROM deadlines WHERE at <= ? ORDER BY at, key LIMIT ?')
  const listeners = new Set<() => void>()
  return {
    set(deadline) {
      set.run(deadline.key, deadline.at, deadline.kind, deadline.subject)
      for (const listener of listeners) listener()
    },
    cancel: (key) => void cancel.run(key),
    done: (deadline) => void done.run(deadline.key, deadline.at, deadline.kind, deadline.subject),
    next() {
      const row = next.get()
      return row && deadlineOf(row)
    },
    due: (now, limit) => due.all(now, limit).map(deadlineOf),
    onSet(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close: () => db.close(),
  }
}

const deadlineOf = (row: Record<string, unknown>): Deadline => ({
  key: String(row['key']),
  at: Number(row['at']),
  kind: String(row['kind']),
  subject: String(row['subject']),
})

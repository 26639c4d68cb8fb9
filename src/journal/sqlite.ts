import { setImmediate as breathe } from 'node:timers/promises'
import { Fault } from '../../domain/fault.ts'
import { databaseFault, inTransaction, openDatabase } from '../sqlite/database.ts'
import { Bell } from './bell.ts'
import { followSource } from './follow.ts'
import { Conflict, type Journal, MAX_APPEND_FACTS, MAX_READ_FACTS, type Position, type Recorded } from './port.ts'
import { type Prepared, prepare } from './prepared.ts'
import { SqliteLog } from './sqlite-log.ts'
import { JOURNAL_FORMAT } from './sqlite-schema.ts'

/** Transacts that share one commit, and so one sync of the disk. */
export const BATCH_TRANSACTS = 128
/** Transacts that may wait for the disk; one more is refused with `journal.busy`. */
export const MAX_QUEUED_TRANSACTS = 65_536
/** How often followers look for what other processes have appended to the same file. */
export const POLL_MS = 25

type Queued = {
  readonly transact: Prepared
  readonly resolve: (position: Position) => void
  readonly reject: (error: Fault) => void
}

/**
 * The embedded event log, in one SQLite file. Several processes may have it open; each commit is on the disk before it is
 * acknowledged, and those that wait for it together share it.
 * @throws Fault `journal.foreign-file`, `journal.newer-file`, `journal.corrupt`, `journal.locked`, `journal.failed`
 */
export const openSqliteJournal = async ({ path }: { readonly path: string }): Promise<Journal> => {
  const db = await openDatabase(path, JOURNAL_FORMAT)
  const asFault = (error: unknown): Fault => databaseFault('journal', path, error)
  let log: SqliteLog
  try {
    log = new SqliteLog(db)
    log.window(log.head - 1, undefined, 1)
  } catch (error) {
    db.close()
    throw asFault(error)
  }
  const bell = new Bell(log.head)
  let queue: Queued[] = []
  let flushing: Promise<void> | undefined
  let closing: Promise<void> | undefined
  let polling: NodeJS.Timeout | undefined
  let broken: Fault | undefined

  const fresh = (): SqliteLog => {
    log.refresh()
    return log
  }

  const read = <T>(work: () => T): T => {
    if (closing) throw new Fault('journal.closed', 'the journal is closed')
    try {
      return work()
    } catch (error) {
      throw asFault(error)
    }
  }

  const commit = (batch: readonly Queued[]): void => {
    const answers: (() => void)[] = []
    try {
      if (broken) throw broken
      inTransaction(db, () => {
        log.refresh()
        for (const { transact, resolve, reject } of batch) {
          try {
            const position = log.write(transact)
            answers.push(() => resolve(position))
          } catch (error) {
            if (!(error instanceof Conflict)) throw error
            answers.push(() => reject(error))
          }
        }
      })
    } catch (error) {
      const fault = asFault(error)
      log.forgetCached()
      // After a failed sync nobody knows what the disk has: only opening the file again can tell.
      if (fault.code === 'journal.failed' || fault.code === 'journal.corrupt') broken = fault
      for (const { reject } of batch) reject(fault)
      return
    }
    for (const answer of answers) answer()
    bell.ring(log.head)
  }

  const flush = async (): Promise<void> => {
    // One turn of the loop: whoever was woken by the last commit is in time for this one.
    await breathe()
    while (queue.length > 0) {
      const count = batchLength(queue)
      const batch = queue.slice(0, count)
      queue = queue.slice(count)
      commit(batch)
      await breathe()
    }
    flushing = undefined
  }

  const poll = (): void => {
    if (bell.waiting === 0) {
      clearInterval(polling)
      polling = undefined
      return
    }
    try {
      log.refresh()
      bell.ring(log.head)
    } catch {
      // The followers look themselves, and get the fault.
      bell.ringAll()
    }
  }

  return {
    async transact(appends, options) {
      if (closing) throw new Fault('journal.closed', 'the journal is closed')
      if (queue.length >= MAX_QUEUED_TRANSACTS) throw new Fault('journal.busy', 'too many commands wait for the disk')
      const transact = prepare(appends, options)
      return new Promise((resolve, reject) => {
        queue.push({ transact, resolve, reject })
        flushing ??= flush()
      })
    },
    async read(stream, afterVersion = 0, limit = -1) {
      return read(() => log.stream(stream, afterVersion, limit))
    },
    async readBackward(stream, beforeVersion = Number.MAX_SAFE_INTEGER, limit = MAX_READ_FACTS) {
      return read(() => log.streamBackward(stream, beforeVersion, Math.min(limit, MAX_READ_FACTS)))
    },
    async readAll(after, filter, limit = MAX_READ_FACTS) {
      const most = Math.min(limit, MAX_READ_FACTS)
      const found: Recorded[] = []
      read(fresh)
      for (let at = after; found.length < most; await breathe()) {
        const { facts, upTo } = read(() => log.window(at, filter, most - found.length))
        found.push(...facts)
        if (upTo === at) break
        at = upTo
      }
      return found
    },
    async readAllBackward(before = Number.MAX_SAFE_INTEGER, filter, limit = MAX_READ_FACTS) {
      const most = Math.min(limit, MAX_READ_FACTS)
      const found: Recorded[] = []
      for (let at = Math.min(before, read(fresh).head + 1); at > 1 && found.length < most; await breathe()) {
        const { facts, upTo } = read(() => log.windowBackward(at, filter, most - found.length))
        found.push(...facts)
        at = upTo
      }
      return found
    },
    follow: (after, filter, signal) =>
      followSource(
        {
          scan: (at) => read(() => fresh().window(at, filter, MAX_READ_FACTS)),
          beyond(at, until) {
            polling ??= setInterval(poll, POLL_MS)
            return bell.beyond(at, until)
          },
        },
        after,
        filter,
        signal,
      ),
    async head() {
      return read(() => fresh().head)
    },
    close() {
      closing ??= (async () => {
        await flushing
        clearInterval(polling)
        bell.ringAll()
        db.close()
      })()
      return closing
    },
  }
}

const batchLength = (queue: readonly Queued[]): number => {
  let facts = 0
  let count = 0
  for (const { transact } of queue) {
    for (const append of transact.appends) facts += append.facts.length
    if (count > 0 && (count === BATCH_TRANSACTS || facts > MAX_APPEND_FACTS)) break
    count += 1
  }
  return count
}

import type { DatabaseSync } from 'node:sqlite'
import { setImmediate as breathe } from 'node:timers/promises'
import { Fault } from '../../domain/fault.ts'
import type { Clock } from '../clock/port.ts'
import type { Journal, Position, Recorded } from '../journal/port.ts'
import { databaseFault, inTransaction } from '../sqlite/database.ts'
import { indexStatements } from './build.ts'
import { BATCH_ROWS, FIRST_PAUSE_MS, LONGEST_PAUSE_MS } from './port.ts'
import type { TableFold } from './table-fold.ts'

/** What lanes work with, and whom they tell. */
export type LaneWorld = {
  readonly db: DatabaseSync
  readonly path: string
  readonly journal: Journal
  readonly clock: Clock
  readonly batchFacts: number
  /** Aborted when the projector closes. */
  readonly stop: AbortSignal
  /** After each commit; may take folds out of lanes, or give them some. */
  onCommit(lane: Lane, folded: { readonly facts: number; readonly seconds: number }): void
  onStopped(fold: TableFold, cause: unknown): void
  /** The log cannot be read for these folds together: each goes on in a lane of its own. */
  onApart(folds: readonly TableFold[]): void
}

/** After an index that took so long others get a turn, µs. */
const LONG_INDEX_US = 2_000

/** Faults of the log that a certain fact has, and that trying again does not mend. */
const BAD_FACT = new Set(['journal.corrupt', 'journal.newer-fact'])
/** Faults that waiting does not mend. */
const FINAL = new Set([...BAD_FACT, 'journal.closed', 'projector.corrupt', 'projector.shared-file'])

/** Folds that are at one position of the log and read it together: each fact is read and decoded once for all of them. */
export class Lane {
  readonly folds: Set<TableFold>
  position: Position
  readonly #world: LaneWorld
  #regroup = new AbortController()
  #pauseMs = FIRST_PAUSE_MS
  #facts = 0
  #spentUs = 0

  constructor(world: LaneWorld, folds: readonly TableFold[], position: Position) {
    this.#world = world
    this.folds = new Set(folds)
    this.position = position
  }

  /** Takes folds in that are at this lane's position, or lets one go: the log is read again from there for those it has then. */
  regroup(change: { readonly add?: Iterable<TableFold>; readonly remove?: TableFold }): void {
    for (const fold of change.add ?? []) this.folds.add(fold)
    if (change.remove) this.folds.delete(change.remove)
    this.#regroup.abort()
  }

  /** Until it has no folds, or the projector closes. */
  async run(): Promise<void> {
    const { stop, clock } = this.#world
    while (this.folds.size > 0 && !stop.aborted) {
      try {
        await this.#follow()
      } catch (cause) {
        if (stop.aborted) break
        if (!this.#settle(cause)) continue
        await clock.sleep(this.#pauseMs, stop).catch(() => {})
        // A clock that does not really sleep must still let others work.
        await breathe()
        this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS)
      }
    }
    for (const fold of this.folds) fold.discard()
  }

  async #follow(): Promise<void> {
    const { journal, stop, batchFacts } = this.#world
    this.#regroup = new AbortController()
    this.#facts = 0
    const signal = AbortSignal.any([stop, this.#regroup.signal])
    const byType = new Map<string, TableFold[]>()
    for (const fold of this.folds) {
      fold.discard()
      for (const type of fold.table.types) byType.set(type, [...(byType.get(type) ?? []), fold])
    }
    let upTo = this.position
    for await (const followed of journal.follow(upTo, { types: [...byType.keys()] }, signal)) {
      if (signal.aborted) return
      if (followed.kind === 'fact') {
        this.#take(followed.recorded, byType.get(followed.recorded.fact.type) ?? [], upTo)
        upTo = followed.recorded.position
        if (++this.#facts >= batchFacts || this.#isFull()) this.#commit(upTo)
      } else {
        upTo = Math.max(upTo, followed.position)
        await this.#caughtUp(upTo)
      }
    }
  }

  #isFull(): boolean {
    for (const fold of this.folds) if (fold.changed >= BATCH_ROWS) return true
    return false
  }

  #take(recorded: Recorded, folds: readonly TableFold[], before: Position): void {
    const { clock } = this.#world
    const begin = clock.steadyUs()
    for (const fold of folds) {
      if (!this.folds.has(fold)) continue
      try {
        fold.fold(recorded)
      } catch (cause) {
        this.#park(fold, before, recorded.position, cause)
      }
    }
    this.#spentUs += clock.steadyUs() - begin
  }

  /** One table cannot go on: what it folded before that fact is kept, and the others go on without it. */
  #park(fold: TableFold, before: Position, position: Position, cause: unknown): void {
    this.folds.delete(fold)
    try {
      this.#write([fold], before)
    } catch {
      // It is folded again from where the file has it.
      fold.discard()
    }
    this.#stop(fold, position, cause, false)
  }

  #stop(fold: TableFold, position: Position, cause: unknown, retrying: boolean): void {
    const { clock, onStopped } = this.#world
    const isNew = fold.stopped === undefined || fold.stopped.retrying !== retrying
    const code = cause instanceof Fault ? cause.code : 'projector.bad-fold'
    const why = cause instanceof Error ? cause.message : String(cause)
    fold.stopped = { code, why, position, since: fold.stopped?.since ?? clock.now(), retrying }
    if (isNew) onStopped(fold, cause)
  }

  #commit(position: Position): void {
    const { clock, onCommit } = this.#world
    const begin = clock.steadyUs()
    this.#write([...this.folds], position)
    this.position = position
    const seconds = (this.#spentUs + clock.steadyUs() - begin) / 1_000_000
    const facts = this.#facts
    this.#facts = 0
    this.#spentUs = 0
    this.#pauseMs = FIRST_PAUSE_MS
    for (const fold of this.folds) fold.stopped = undefined
    onCommit(this, { facts, seconds })
  }

  #write(folds: readonly TableFold[], position: Position): void {
    const { db } = this.#world
    if (!folds.some((fold) => fold.mustWrite(position))) {
      for (const fold of folds) fold.committed(position, false)
      return
    }
    const ready = folds.filter((fold) => {
      try {
        fold.prepare()
        return true
      } catch (cause) {
        this.folds.delete(fold)
        fold.discard()
        this.#stop(fold, fold.position, cause, false)
        return false
      }
    })
    inTransaction(db, () => {
      for (const fold of ready) fold.write(position)
    })
    for (const fold of ready) fold.committed(position, true)
  }

  async #caughtUp(position: Position): Promise<void> {
    this.#commit(position)
    const { db, clock, stop, onCommit } = this.#world
    const incomplete = [...this.folds].filter((fold) => !fold.complete)
    for (const fold of incomplete) {
      for (const statement of indexStatements(fold.table, fold.number)) {
        const begin = clock.steadyUs()
        db.exec(statement)
        if (clock.steadyUs() - begin < LONG_INDEX_US) continue
        await breathe()
        if (stop.aborted) return
      }
      fold.complete = true
    }
    if (incomplete.length > 0) onCommit(this, { facts: 0, seconds: 0 })
  }

  /** After a failure. @returns whether to try again after a pause */
  #settle(cause: unknown): boolean {
    const { path, onApart } = this.#world
    for (const fold of this.folds) fold.discard()
    const isJournals = cause instanceof Fault
    const fault = isJournals ? cause : databaseFault('projector', path, cause)
    if (!FINAL.has(fault.code)) {
      for (const fold of this.folds) this.#stop(fold, fold.position, fault, true)
      return true
    }
    const folds = [...this.folds]
    this.folds.clear()
    // Only those tables that need the bad fact stand still.
    if (BAD_FACT.has(fault.code) && folds.length > 1) onApart(folds)
    else for (const fold of folds) this.#stop(fold, fold.position, fault, false)
    return false
  }

  /** Writes the position down, so that the next start need not look at these facts again. */
  writePosition(): void {
    const folds = [...this.folds]
    if (folds.length === 0) return
    inTransaction(this.#world.db, () => {
      for (const fold of folds) fold.write(this.position)
    })
    for (const fold of folds) fold.committed(this.position, true)
  }
}

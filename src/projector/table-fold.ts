import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { Fault } from '../../domain/fault.ts'
import type { Position, Recorded } from '../journal/port.ts'
import type { Build } from './build.ts'
import { Folding } from './folding.ts'
import type { AnyTable, Stopped } from './port.ts'

/** A position that no row depends on is written down when it is this far ahead: a restart then looks at so many facts again. */
const LAZY_POSITIONS = 10_000

/** Folds one build of one table, its rows and its position in one commit. */
export class TableFold {
  readonly table: AnyTable
  readonly number: number
  readonly #folding: Folding
  readonly #setPosition: StatementSync
  /** Up to which fact its rows are. */
  position: Position
  #written: Position
  stopped: Stopped | undefined
  /** It saw all there was once, and its columns are indexed. */
  complete = false

  constructor(db: DatabaseSync, table: AnyTable, { number, position }: Build) {
    this.table = table
    this.number = number
    this.position = position
    this.#written = position
    this.#folding = new Folding(db, table, number)
    this.#setPosition = db.prepare('UPDATE builds SET position = ? WHERE name = ? AND build = ? AND position = ?')
  }

  get changed(): number {
    return this.#folding.changed
  }

  /** @throws whatever the table's fold throws; then this fact changed nothing */
  fold(recorded: Recorded): void {
    this.#folding.fold(recorded)
  }

  /** Whether a commit at `position` has to write anything. */
  mustWrite(position: Position): boolean {
    return this.changed > 0 || position - this.#written >= LAZY_POSITIONS
  }

  /** @throws what a column throws */
  prepare(): void {
    this.#folding.prepare()
  }

  /**
   * Inside a transaction, after `prepare`.
   * @throws Fault `projector.shared-file` when somebody else moved the position: those rows are not ours alone
   */
  write(position: Position): void {
    this.#folding.write()
    if (this.#setPosition.run(position, this.table.name, this.number, this.#written).changes !== 1) {
      throw new Fault('projector.shared-file', `another process folds ${this.table.name} into the same file`, {
        culprit: 'you',
        next: 'Give each process a file of its own, and restart.',
      })
    }
  }

  /** `isWritten`: the transaction of `write` is committed; else nothing waited, and the position is only remembered. */
  committed(position: Position, isWritten: boolean): void {
    if (isWritten) {
      this.#folding.written()
      this.#written = position
    }
    this.position = position
  }

  /** Forgets what was folded and not committed. */
  discard(): void {
    this.#folding.discard()
  }
}

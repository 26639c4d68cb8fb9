import { Fault } from '../../domain/fault.ts'
import type { Clock } from '../clock/port.ts'
import type { Position } from '../journal/port.ts'
import type { TableRows } from './table-rows.ts'

type Waiter = {
  readonly position: Position
  readonly tables: readonly TableRows[]
  readonly settle: (fault?: Fault) => void
}

/** Up to where all of these are. */
export const positionOf = (tables: readonly TableRows[]): Position => Math.min(...tables.map((table) => table.position))

/** A table without whole rows contains nothing, not even the beginning of the log. */
const contain = (tables: readonly TableRows[], position: Position): boolean =>
  tables.every((table) => table.live !== undefined && table.position >= position)

/** Those who wait for rows to contain a fact. */
export class Waiters {
  readonly #waiting = new Set<Waiter>()

  /** @throws Fault `projector.behind` after `timeoutMs`, `projector.stopped`, and with what `end` is called */
  async wait(tables: readonly TableRows[], position: Position, timeoutMs: number, clock: Clock): Promise<void> {
    const early = outcome(tables, position)
    if (early) throw early
    if (contain(tables, position)) return
    const waited = new AbortController()
    let waiter: Waiter | undefined
    const reached = new Promise<void>((resolve, reject) => {
      waiter = { position, tables, settle: (fault) => (fault ? reject(fault) : resolve()) }
      this.#waiting.add(waiter)
    })
    const late = clock.sleep(timeoutMs, waited.signal).then(() => {
      throw new Fault('projector.behind', `the rows are at ${positionOf(tables)}, not yet at ${position}`, {
        next: 'Ask again shortly.',
      })
    })
    try {
      await Promise.race([reached, late])
    } finally {
      if (waiter) this.#waiting.delete(waiter)
      late.catch(() => {})
      waited.abort()
    }
  }

  /** Something moved, or stopped. */
  tell(): void {
    for (const { tables, position, settle } of this.#waiting) {
      const fault = outcome(tables, position)
      if (fault) settle(fault)
      else if (contain(tables, position)) settle()
    }
  }

  end(fault: Fault): void {
    for (const { settle } of this.#waiting) settle(fault)
  }
}

/** Why waiting is in vain, if it is. */
const outcome = (tables: readonly TableRows[], position: Position): Fault | undefined => {
  for (const { table, position: at, stuck } of tables) {
    if (at >= position || !stuck) continue
    return new Fault('projector.stopped', `table ${table.name} stopped at ${at}: ${stuck.why} (${stuck.code})`, {
      next: 'See `zennet projections ls`; the other tables go on.',
    })
  }
  return undefined
}

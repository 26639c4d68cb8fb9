import type { Followed, Journal, Position, Recorded } from '../../../src/journal/port.ts'

/**
 * A journal seen through counted positions: the first fact is at 1, the next at 2. What the contract says of positions 1, 2, 3 is
 * so asked of a log whose positions only grow: the order, what is before and after, and what is given back.
 * @param positionsAfter those of the log, in order, perhaps not all at once; also when the journal is closed already
 */
export const counted = (journal: Journal, positionsAfter: (after: Position) => Promise<Position[]>): Journal => {
  const table: Position[] = []
  let reading: Promise<void> = Promise.resolve()
  const readMore = async (): Promise<void> => {
    for (;;) {
      const more = await positionsAfter(table.at(-1) ?? 0)
      if (more.length === 0) return
      table.push(...more)
    }
  }
  const refresh = (): Promise<void> => {
    reading = reading.then(readMore)
    return reading
  }
  /** How many facts are at or before a position. */
  const count = async (position: Position): Promise<number> => {
    if (position > (table.at(-1) ?? 0)) await refresh()
    return table.filter((one) => one <= position).length
  }
  const positionOf = async (number: number): Promise<Position> => {
    if (number > table.length) await refresh()
    return number <= 0 ? 0 : (table[number - 1] ?? (table.at(-1) ?? 0) + number - table.length)
  }
  const recorded = async (one: Recorded): Promise<Recorded> => {
    const position = await count(one.position)
    const named = (id: string) => (id === `at-${one.position}` ? `at-${position}` : id)
    return { ...one, position, commandId: named(one.commandId), correlationId: named(one.correlationId) }
  }
  const all = async (found: readonly Recorded[]): Promise<Recorded[]> => {
    const out: Recorded[] = []
    for (const one of found) out.push(await recorded(one))
    return out
  }
  return {
    transact: async (appends, options) => count(await journal.transact(appends, options)),
    read: async (...args) => all(await journal.read(...args)),
    readBackward: async (...args) => all(await journal.readBackward(...args)),
    readAll: async (after, filter, limit) => all(await journal.readAll(await positionOf(after), filter, limit)),
    readAllBackward: async (before, filter, limit) =>
      all(await journal.readAllBackward(before === undefined ? undefined : await positionOf(before), filter, limit)),
    async *follow(after, filter, signal): AsyncGenerator<Followed> {
      for await (const one of journal.follow(await positionOf(after), filter, signal)) {
        if (one.kind === 'fact') yield { kind: 'fact', recorded: await recorded(one.recorded) }
        else yield { kind: 'caught-up', position: await count(one.position) }
      }
    },
    head: async () => count(await journal.head()),
    close: () => journal.close(),
  }
}

import type { Position } from '../journal/port.ts'
import type { Checkpoints, Deadline, Deadlines, Parked } from './port.ts'

/** The reference: checkpoints of one process's life. */
export const memoryCheckpoints = (): Checkpoints => {
  const positions = new Map<string, Position>()
  const parked = new Map<string, Parked>()
  return {
    get: (name) => positions.get(name) ?? 0,
    set: (name, position) => void positions.set(name, position),
    park(one) {
      parked.set(`${one.name} ${one.position}`, one)
      positions.set(one.name, Math.max(one.position, positions.get(one.name) ?? 0))
    },
    parked: (name) =>
      [...parked.values()]
        .filter((one) => name === undefined || one.name === name)
        .sort((a, b) => a.position - b.position || (a.name < b.name ? -1 : 1)),
    unpark: (name, position) => void parked.delete(`${name} ${position}`),
    close: () => {},
  }
}

/** The reference: deadlines of one process's life. */
export const memoryDeadlines = (): Deadlines => {
  const all = new Map<string, Deadline>()
  const listeners = new Set<() => void>()
  const sorted = (): Deadline[] => [...all.values()].sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1))
  return {
    set(deadline) {
      all.set(deadline.key, deadline)
      for (const listener of listeners) listener()
    },
    cancel: (key) => void all.delete(key),
    done(deadline) {
      const now = all.get(deadline.key)
      if (now?.at === deadline.at && now.kind === deadline.kind && now.subject === deadline.subject) {
        all.delete(deadline.key)
      }
    },
    next: () => sorted()[0],
    due: (now, limit) =>
      sorted()
        .filter((one) => one.at <= now)
        .slice(0, limit),
    onSet(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close: () => {},
  }
}

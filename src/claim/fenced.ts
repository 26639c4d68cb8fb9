import { Fault } from '../../domain/fault.ts'
import type { Archiving, Journal, Retaining } from '../journal/port.ts'
import type { Held } from './port.ts'

/**
 * The same journal for whoever holds a claim: every unit also checks the claim, and nothing is written once it is lost. For parts
 * that write in many places; make their `Streams` of it. Closing it does nothing: it is a view.
 * @throws Fault `claim.lost` from `transact`
 */
export const fenced = (
  journal: Journal & Partial<Archiving & Retaining>,
  held: Held,
): Journal & Partial<Pick<Archiving, 'restore'> & Pick<Retaining, 'describe' | 'retain'>> => {
  if (held.guard.length === 0) return journal
  const { restore, describe, retain } = journal
  return {
    ...(restore ? { restore: (streams) => restore(streams) } : {}),
    ...(describe ? { describe: (stream) => describe(stream) } : {}),
    ...(retain
      ? {
          retain: async (stream, retention) => {
            held.check()
            await retain(stream, retention)
          },
        }
      : {}),
    async transact(appends, options) {
      held.check()
      try {
        return await journal.transact([...appends, ...held.guard], options)
      } catch (cause) {
        if (!held.isLost(cause)) throw cause
        throw new Fault('claim.lost', `another node does ${held.name} now`, { cause })
      }
    },
    read: (...args) => journal.read(...args),
    readBackward: (...args) => journal.readBackward(...args),
    readAll: (...args) => journal.readAll(...args),
    readAllBackward: (...args) => journal.readAllBackward(...args),
    follow: (...args) => journal.follow(...args),
    head: () => journal.head(),
    close: async () => {},
  }
}

import { Fault } from '../../../domain/fault.ts'
import type { LeaseFact } from '../../../domain/lease/facts.ts'
import { parseLeaseFact } from '../../../domain/lease/parse-fact.ts'

/** A fact as the node stored it, of the plain JSON that the API gives. @throws Fault `cli.unknown-fact` */
export const knownFact = (fact: unknown): LeaseFact => {
  try {
    return parseLeaseFact(fact)
  } catch (cause) {
    throw new Fault('cli.unknown-fact', `the node tells a fact that this program does not know: ${String(cause)}`, {
      next: 'Use the zennet that the node is of: it may have been replaced by a newer one.',
      cause,
    })
  }
}

import type { Journal } from '../../src/journal/port.ts'
import type { Projector } from '../../src/projector/port.ts'
import { leaseIdNumber, metered, toMetering } from '../projections/lease-history.ts'

/** Rows that `test/bench/queries.ts` asks for, of whoever is measured. */
export const LEASES = 60

export const fillWithLeases = async (journal: Journal, projector: Projector): Promise<void> => {
  for (let n = 1; n <= LEASES; n++) {
    const id = leaseIdNumber(n)
    const facts = [...toMetering(id), metered(id, 1), metered(id, 2)]
    await journal.transact([{ stream: `lease-${id}`, expected: 0, facts }])
  }
  await projector.waitFor(await journal.head(), 60_000)
}

import type { LeaseFact } from '../../domain/lease/facts.ts'
import { leaseEnd } from '../../projections/lease-end.ts'
import type { Clock } from '../clock/port.ts'
import type { Journal } from '../journal/port.ts'
import type { Log } from '../log/port.ts'

type End = Extract<LeaseFact, { type: 'lease.ended' | 'lease.lapsed' | 'lease.refused' | 'lease.failed' }>
const TYPES = ['lease.ended', 'lease.lapsed', 'lease.refused', 'lease.failed'] as const satisfies readonly End['type'][]

/** How long a log that cannot be followed is left alone, ms. */
const PAUSE_MS = 5_000

/** Says in the node's own log why each lease is over or never came to be: code, whose doing it was, and what to do. Until it is aborted. */
export const tellEnds = async (journal: Journal, clock: Clock, log: Log, signal: AbortSignal): Promise<void> => {
  let after: number | undefined
  while (!signal.aborted) {
    try {
      after ??= await journal.head()
      for await (const followed of journal.follow(after, { types: TYPES }, signal)) {
        if (followed.kind !== 'fact') continue
        const { position, stream, fact } = followed.recorded
        after = position
        tell(log, stream.slice('lease-'.length), fact as End)
      }
    } catch (err) {
      if (signal.aborted) return
      log.debug({ err }, 'ends of leases cannot be read; trying again')
      await clock.sleep(PAUSE_MS, signal).catch(() => {})
    }
  }
}

const tell = (log: Log, lease: string, fact: End): void => {
  const why = fact.type === 'lease.lapsed' ? `the stage ${fact.stage} took too long` : fact.why
  const { code, culprit, next } = leaseEnd({ ...fact, why })
  log.info(
    { lease, code, culprit, why, next },
    fact.type === 'lease.ended' ? 'a lease ended' : 'a lease came to nothing',
  )
}

import type { FailureCode } from '../../../domain/lease/ends.ts'
import type { LeaseState } from '../../../domain/lease/lease.ts'
import { STAGE_DEADLINE_MS } from '../../../domain/lease/stage.ts'

/** A session that could not be had, or broke. `lostMs`: for how long there is none; `agreedMs`: since the terms were agreed. */
export type LostSession = { readonly code: FailureCode; readonly lostMs: number; readonly agreedMs: number }

/**
 * Whether nothing is decided yet, and the publisher is called again: it may be restarting. One that cannot be reached has the time of
 * the stage; one that connects, and hangs up each time, too.
 */
export const isPassing = ({ value, context }: LeaseState, { code, lostMs, agreedMs }: LostSession): boolean => {
  if (code !== 'peer-unreachable') return false
  if (value === 'connect') return lostMs < STAGE_DEADLINE_MS.connect
  return context.terms !== undefined && lostMs < context.terms.reconnectMs && agreedMs < STAGE_DEADLINE_MS.provision
}

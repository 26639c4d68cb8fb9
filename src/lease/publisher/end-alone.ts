import type { EndCode } from '../../../domain/lease/ends.ts'
import type { LeaseState } from '../../../domain/lease/lease.ts'
import type { Terms } from '../../../domain/terms.ts'
import type { Talk } from '../talk.ts'

/** How long a provider that is asked to end has to do it, before this side ends alone, ms. */
export const NOTICE_TIMEOUT_MS = 20_000

/** Why a running lease is ended from this side alone; undefined when it is not. @param overdueMs since its end was due */
export const endAlone = (
  { reconnectMs, graceTicks, tickMs }: Terms,
  silentMs: number,
  overdueMs: number,
): { readonly code: EndCode; readonly why: string } | undefined => {
  if (overdueMs > NOTICE_TIMEOUT_MS)
    return { code: 'stopped-by-publisher', why: 'the provider did not end it when asked' }
  if (silentMs > reconnectMs + graceTicks * tickMs)
    return { code: 'provider-silent', why: `nothing was heard for ${Math.round(silentMs)} ms` }
  return undefined
}

/** Tells the provider, if it is there, of an end that is written down. */
export const tellEnd = async (talk: Talk | undefined, { context }: LeaseState, why: string): Promise<void> => {
  const { end, tick, usage } = context
  await talk?.send({ type: 'end', code: end?.code as EndCode, why, tick, usage }).catch(() => {})
}

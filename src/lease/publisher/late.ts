import type { EndCode } from '../../../domain/lease/ends.ts'
import type { LeaseState } from '../../../domain/lease/lease.ts'
import { pauseEnd } from '../../../domain/lease/pauses.ts'
import type { Talk } from '../talk.ts'

/** How long a provider that is asked to end has to do it, before this side ends alone, ms. */
export const NOTICE_TIMEOUT_MS = 20_000

/** How long things last already, ms; 0 where there is none of them. */
type Waited = { readonly overdueMs: number; readonly silentMs: number; readonly pausedMs: number }

/** The end of a lease whose provider does not do what it should, by this side alone. */
export const lateEnd = (
  { terms, pauses, notice }: LeaseState['context'],
  { overdueMs, silentMs, pausedMs }: Waited,
): { readonly code: EndCode; readonly why: string } | undefined => {
  if (terms === undefined) return undefined
  if (notice && overdueMs > NOTICE_TIMEOUT_MS)
    return { code: notice.code, why: `the ${notice.by} announced its end, and the provider did not end it` }
  if (silentMs > terms.reconnectMs + terms.graceTicks * terms.tickMs)
    return { code: 'provider-silent', why: `nothing was heard for ${Math.round(silentMs)} ms` }
  // The provider ends it in time; it is that much later only that nothing of it came here.
  return pauseEnd(pauses, terms, pausedMs - NOTICE_TIMEOUT_MS)
}

/** Tells the provider, if it is there, of an end that is written down. */
export const tellEnd = async (talk: Talk | undefined, { context }: LeaseState, why: string): Promise<void> => {
  const { end, tick, usage } = context
  await talk?.send({ type: 'end', code: end?.code as EndCode, why, tick, usage }).catch(() => {})
}

/** The provider may still have the machine for its data: it may be spoken with although all is paid. */
export const isDataKept = ({ terms, funding, end }: LeaseState['context'], now: number): boolean =>
  terms !== undefined && funding !== undefined && end !== undefined && now < end.at + terms.dataGraceMs

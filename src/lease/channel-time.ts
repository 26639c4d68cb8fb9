import { isLongEnough } from '../../domain/channel/margin.ts'
import type { Refusal } from '../../domain/fact.ts'
import { type Change, leftUnder } from '../../domain/lease/change.ts'
import type { LeaseState } from '../../domain/lease/lease.ts'
import type { ChainEngine } from '../chain/port.ts'

/**
 * Why a lease cannot be made so much longer: its channel, and those of its top-ups, which expire with it, do not last for it. Undefined when
 * they do, and while the chain is out of reach: the other side looks, too.
 */
export const pastChannel = async (
  engine: Pick<ChainEngine, 'tip' | 'network'>,
  { context: { terms, usage } }: LeaseState,
  change: Change,
): Promise<Refusal<'channel-expires'> | undefined> => {
  if (terms === undefined || change.maxDurationMs === undefined || change.maxDurationMs <= terms.maxDurationMs) return
  const tip = await engine.tip().catch(() => undefined)
  const { expiryHeight } = terms.channel
  const leftMs = leftUnder(change, terms, usage)
  return tip === undefined || isLongEnough(expiryHeight, { leftMs, height: tip.height }, engine.network)
    ? undefined
    : { refused: 'channel-expires', why: `its channel expires at height ${expiryHeight}, ${leftMs} ms are wanted` }
}

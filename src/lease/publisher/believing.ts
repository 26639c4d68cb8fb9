import { closeMarginBlocks } from '../../../domain/channel/margin.ts'
import { believedEnd } from '../../../domain/lease/believed-end.ts'
import type { EndCode } from '../../../domain/lease/ends.ts'
import type { LeaseState } from '../../../domain/lease/lease.ts'
import { capacityUsed } from '../../../domain/lease/legs.ts'
import { hasAsked } from '../../../domain/lease/notice.ts'
import { pauseEndByPublisher } from '../../../domain/lease/pauses.ts'
import type { UsageVector } from '../../../domain/usage.ts'
import type { Ledger } from '../ledger.ts'
import type { PublisherParty } from './deps.ts'

/** So many blocks the provider's chain may be ahead of this side's. */
const AHEAD_BLOCKS = 10

/** The end that a provider named, held against what this side knows by itself. @param usage the last that it accepted */
export const believed = async (
  party: PublisherParty,
  ledger: Ledger,
  { context }: LeaseState,
  { code, usage }: { readonly code: EndCode; readonly usage: UsageVector },
): Promise<EndCode> => {
  const { paused, clock } = party
  return believedEnd(code, 'provider', {
    noticed: hasAsked(context, clock.now()),
    capacityUsed: code === 'capacity-used' && (await isUsed(ledger, context, usage)),
    durationReached: code === 'duration-reached' && (await isReached(party, context, usage)),
    paused: pauseEndByPublisher(context, { pausedMs: paused.ms(context), wantedMs: paused.wantedMs(context) }),
  })
}

/** A top-up that is in no block counts for nobody. */
const isUsed = async (ledger: Ledger, { terms, topUps }: LeaseState['context'], usage: UsageVector) => {
  if (terms === undefined) return false
  const open = await Promise.all(
    topUps.map(async ({ leg }) => (await ledger.channel(leg)).context.height !== undefined),
  )
  const inBlocks = topUps.filter((_, at) => open[at])
  return capacityUsed(terms, usage, inBlocks)
}

/** A chain that is out of reach says nothing against the provider. */
const isReached = async (
  { engine, network }: PublisherParty,
  { terms }: LeaseState['context'],
  { wallUs }: UsageVector,
): Promise<boolean> => {
  if (terms === undefined) return false
  if (wallUs >= BigInt(terms.maxDurationMs) * 1_000n) return true
  const tip = await engine.tip().catch(() => undefined)
  return tip === undefined || tip.height + AHEAD_BLOCKS >= terms.channel.expiryHeight - closeMarginBlocks(network)
}

import type { LeaseState } from '../../../../domain/lease/lease.ts'
import { larger, smaller } from '../../../../domain/money.ts'
import { owedUnder, type Terms, tickAheadMsat } from '../../../../domain/terms.ts'
import { NO_USAGE, type UsageVector } from '../../../../domain/usage.ts'
import type { Entry } from '../entry.ts'

/** What a tick said, and by how much it may go on until the next. */
export type Counting = {
  readonly tick: number
  readonly owedMsat: bigint
  /** When the tick came, Unix ms. */
  readonly at: number
  /** msat for a second of this clock; 0 while it stands still. */
  readonly msatPerS: bigint
  /** No further than so much ahead: a tick of full use, by the terms. */
  readonly aheadMsat: bigint
}

type Tick = { readonly at: number; readonly tick: number; readonly owedMsat: bigint; readonly usage: UsageVector }

const lastTicks = (entries: readonly Entry[], upTo: number): readonly Tick[] => {
  const found: Tick[] = []
  for (let i = upTo - 1; i >= 0 && found.length < 2; i--) {
    const { fact } = entries[i]!
    if (fact.type === 'lease.metered') found.push(fact)
  }
  return found
}

/** Between what time alone costs, by the terms, and full use. */
const bounds = (terms: Terms): { readonly leastPerS: bigint; readonly mostPerS: bigint } => {
  const alone = owedUnder({ price: { ...terms.price, startMsat: 0n } }, { ...NO_USAGE, wallUs: 1_000_000n })
  return { leastPerS: alone, mostPerS: (tickAheadMsat(terms) * 1_000n) / BigInt(terms.tickMs) }
}

/**
 * What the counter counts between two ticks: the pace of the last one, held within what the terms allow for time alone and for full use.
 * Nothing while the machine stands still or the lease has ended: then nothing is owed more.
 */
export const countingOf = (entries: readonly Entry[], state: LeaseState, upTo: number): Counting | undefined => {
  const { terms, owedMsat, tick } = state.context
  if (terms === undefined) return undefined
  const [newest, before] = lastTicks(entries, upTo)
  const at = newest?.at ?? state.context.servingSince ?? 0
  const isRunning = state.matches({ meter: 'flowing' })
  const { leastPerS, mostPerS } = bounds(terms)
  const us = newest === undefined ? 0n : newest.usage.wallUs - (before?.usage.wallUs ?? 0n)
  const pace =
    newest === undefined || before === undefined || us <= 0n
      ? leastPerS
      : ((newest.owedMsat - before.owedMsat) * 1_000_000n) / us
  return {
    tick,
    owedMsat,
    at,
    msatPerS: isRunning ? smaller(larger(pace, leastPerS), larger(mostPerS, leastPerS)) : 0n,
    aheadMsat: tickAheadMsat(terms),
  }
}

/** What the counter shows at a moment: what the tick said, and at most one tick of full use ahead of it. */
export const countedAt = ({ owedMsat, at, msatPerS, aheadMsat }: Counting, now: number): bigint => {
  const ms = BigInt(Math.max(0, Math.round(now - at)))
  return owedMsat + smaller((msatPerS * ms) / 1_000n, aheadMsat)
}

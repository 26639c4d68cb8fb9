import type { Entry } from '../entry.ts'

/** One tick of the meter, and the voucher that it led to. */
export type Tick = {
  readonly tick: number
  /** Unix ms. */
  readonly at: number
  readonly version: number
  /** In all, and more than the tick before. */
  readonly owedMsat: bigint
  readonly moreMsat: bigint
  /** Of the voucher, in all; undefined while there is none. */
  readonly paidSats: bigint | undefined
}

/** Every tick, the newest first. Tick 0 is the voucher that came with the funding. */
export const ticksOf = (entries: readonly Entry[]): readonly Tick[] => {
  const ticks = new Map<number, Tick>()
  let owedMsat = 0n
  for (const { version, fact } of entries) {
    if (fact.type === 'lease.metered') {
      const moreMsat = fact.owedMsat - owedMsat
      owedMsat = fact.owedMsat
      ticks.set(fact.tick, { tick: fact.tick, at: fact.at, version, owedMsat, moreMsat, paidSats: undefined })
    } else if (fact.type === 'lease.paid') {
      const known = ticks.get(fact.tick) ?? { tick: fact.tick, at: fact.at, version, owedMsat, moreMsat: 0n }
      ticks.set(fact.tick, { ...known, paidSats: fact.paidSats })
    }
  }
  return [...ticks.values()].toReversed()
}

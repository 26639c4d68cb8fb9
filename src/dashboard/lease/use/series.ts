import type { Entry } from '../entry.ts'

/** One reading of the meter as people read it; null where nothing was read before. Plots alone may round. */
export type Reading = {
  /** Unix seconds. */
  readonly at: number
  readonly tick: number
  readonly cores: number | null
  readonly memoryMiB: number | null
  /** MiB a second, both ways. */
  readonly netMiB: number | null
  readonly diskMiB: number | null
  readonly owedSats: number
  readonly paidSats: number
}

/** A plot of this width shows no more, and its table is long enough. */
const MAX_POINTS = 240
const US_PER_S = 1_000_000
const MIB = 1_048_576

/** What the machine used between ticks, thinned out evenly; the newest is always among them. */
export const readingsOf = (entries: readonly Entry[], upTo: number): readonly Reading[] => {
  const ticks: { readonly index: number; readonly paidSats: bigint }[] = []
  let paidSats = 0n
  for (let i = 0; i < upTo; i++) {
    const { fact } = entries[i]!
    if (fact.type === 'lease.paid') {
      paidSats = fact.paidSats
      const last = ticks.at(-1)
      if (last !== undefined) ticks[ticks.length - 1] = { ...last, paidSats }
    } else if (fact.type === 'lease.metered') ticks.push({ index: i, paidSats })
  }
  const every = Math.max(1, Math.ceil(ticks.length / MAX_POINTS))
  const kept = ticks.filter((_, i) => (ticks.length - 1 - i) % every === 0)
  return kept.map(({ index, paidSats: paid }, i) => {
    const now = meteredAt(entries, index)
    const before = i === 0 ? undefined : meteredAt(entries, kept[i - 1]!.index)
    const seconds = before === undefined ? 0 : Number(now.usage.wallUs - before.usage.wallUs) / US_PER_S
    const rate = (key: 'cpuUs' | 'memByteSeconds' | 'netRxBytes' | 'netTxBytes' | 'ioReadBytes' | 'ioWriteBytes') =>
      before === undefined || seconds <= 0 ? null : Number(now.usage[key] - before.usage[key]) / seconds
    const sum = (a: number | null, b: number | null) => (a === null || b === null ? null : (a + b) / MIB)
    const [cpu, memory] = [rate('cpuUs'), rate('memByteSeconds')]
    return {
      at: now.at / 1_000,
      tick: now.tick,
      cores: cpu === null ? null : cpu / US_PER_S,
      memoryMiB: memory === null ? null : memory / MIB,
      netMiB: sum(rate('netRxBytes'), rate('netTxBytes')),
      diskMiB: sum(rate('ioReadBytes'), rate('ioWriteBytes')),
      owedSats: Number(now.owedMsat) / 1_000,
      paidSats: Number(paid),
    }
  })
}

const meteredAt = (entries: readonly Entry[], index: number) => {
  const { fact } = entries[index]!
  if (fact.type !== 'lease.metered') throw new Error(`fact ${index} is no tick`)
  return fact
}

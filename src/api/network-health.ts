import { blocks } from '../../projections/blocks.ts'
import { effects } from '../../projections/effects.ts'
import { timers } from '../../projections/timers.ts'
import type { Projector } from '../projector/port.ts'

/** Blocks that the interval is measured over at the most. */
export const INTERVAL_BLOCKS = 144

/** The chain as this node followed it, and what it has to do because of its log. */
export type NetworkHealth = {
  readonly height: number | undefined
  /** Of the newest block: as its miner said, and when this node connected it, Unix ms. */
  readonly blockTime: number | undefined
  readonly connectedAt: number | undefined
  /** Mean seconds between the newest blocks, by their miners' clocks, and how many intervals that is. */
  readonly intervalS: number | undefined
  readonly intervals: number
  readonly openEffects: number
  readonly parkedEffects: number
  /** When the oldest of those that are open was asked for, Unix ms. */
  readonly oldestEffectAt: number | undefined
  readonly timers: number
  readonly overdueTimers: number
}

export const networkHealth = (projector: Projector, now: number): NetworkHealth => {
  const found = projector.query(blocks, { orderBy: 'height', descending: true, limit: INTERVAL_BLOCKS + 1 })
  const tip = found[0]?.row
  // The first block of a chain is as old as its software.
  const newest = found.filter(({ row }) => row.height > 0)
  const last = newest.at(-1)?.row
  const intervals = Math.max(0, newest.length - 1)
  const [oldest] = projector.query(effects, { where: { state: 'open' }, orderBy: 'askedAt', limit: 1 })
  return {
    height: tip?.height,
    blockTime: tip && tip.time * 1_000,
    connectedAt: tip?.at,
    intervalS: tip && last && intervals > 0 ? (tip.time - last.time) / intervals : undefined,
    intervals,
    openEffects: projector.count(effects, { state: 'open' }),
    parkedEffects: projector.count(effects, { state: 'parked' }),
    oldestEffectAt: oldest?.row.askedAt,
    timers: projector.count(timers, { state: 'set' }),
    overdueTimers: projector.count(timers, { state: 'set', due: { lt: now } }),
  }
}

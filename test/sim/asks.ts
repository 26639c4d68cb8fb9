import type { Side } from '../../domain/lease/facts.ts'
import type { Dice } from './dice.ts'
import type { Rent } from './plan.ts'

/** What one side wants of a lease while it runs, from a time of the world on. */
export type Ask = { readonly atMs: number } & (
  | { readonly kind: 'pause'; readonly by: Side | 'owner'; readonly forMs: number }
  /** Taken back after so long; absent: not. */
  | { readonly kind: 'notice'; readonly by: Side; readonly inMs: number; readonly takenBackMs?: number }
  | { readonly kind: 'change'; readonly by: Side; readonly what: 'longer' | 'cheaper' | 'dearer' | 'notice' }
)

/** What of a request says how its leases may be paused, ended, renewed and fetched from. */
export type Asked = Pick<Rent, 'maxPauseMs' | 'noticeMs' | 'renewUpToMs' | 'fetchedMs' | 'asks'>

const SIDES: readonly Side[] = ['publisher', 'provider']

/** Half of all requests are as simple as can be. */
export const askedOf = (dice: Dice, { atMs, dataGraceMs, maxDurationMs }: Rent, lastMs: number): Asked => {
  const fetched = dataGraceMs > 0 && dice.chance(0.5) ? { fetchedMs: dice.int(0, dataGraceMs) } : {}
  if (dice.chance(0.5)) return fetched
  const pauses = dice.chance(0.7)
  const at = () => dice.int(atMs + 2_000, Math.max(atMs + 6_000, lastMs))
  return {
    ...fetched,
    ...(pauses ? { maxPauseMs: dice.pick([5_000, 60_000]) } : {}),
    ...(dice.chance(0.3) ? { noticeMs: dice.pick([3_000, 10_000]) } : {}),
    ...(dice.chance(0.2) ? { renewUpToMs: 3 * maxDurationMs } : {}),
    asks: Array.from({ length: dice.int(1, 3) }, () => askOf(dice, at(), pauses)),
  }
}

const askOf = (dice: Dice, atMs: number, pauses: boolean): Ask => {
  const by = dice.pick(SIDES)
  switch (dice.pick(['change', 'notice', pauses ? 'pause' : 'change', pauses ? 'pause' : 'change'] as const)) {
    case 'pause':
      return {
        kind: 'pause',
        atMs,
        by: dice.pick([...SIDES, 'owner']),
        forMs: dice.pick([1_000, 4_000, 12_000, 30_000]),
      }
    case 'notice':
      return {
        kind: 'notice',
        atMs,
        by,
        inMs: dice.pick([1_000, 5_000, 20_000]),
        ...(dice.chance(0.5) ? { takenBackMs: dice.pick([500, 3_000]) } : {}),
      }
    case 'change':
      return { kind: 'change', atMs, by, what: dice.pick(['longer', 'cheaper', 'dearer', 'notice']) }
  }
}

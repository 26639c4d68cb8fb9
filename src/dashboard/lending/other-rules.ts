import { wholeOf } from '../part/typed.ts'
/** What the fields of "what if" stand at: texts, as typed. Empty, or as it was at first: as it is now. */
export type OtherRules = {
  /** Of the present prices. */
  readonly pricePercent: string
  /** The least price, of that which is asked; empty: as it is. */
  readonly floorPercent: string
  readonly maxHours: string
  readonly maxLeases: string
  /** Image names with commas between them; empty: as they are. */
  readonly images: string
  readonly internet: boolean
  readonly trustAnybody: boolean
  /** Days back from now. */
  readonly days: string
}

const DAY_MS = 86_400_000

/** @param now Unix ms */
export const whatIfInput = (rules: OtherRules, now: number) => ({
  pricePercent: wholeOf(rules.pricePercent),
  floorPercent: wholeOf(rules.floorPercent),
  maxDurationS: wholeOf(rules.maxHours, 3_600),
  maxLeases: wholeOf(rules.maxLeases),
  images:
    rules.images.trim() === ''
      ? null
      : rules.images
          .split(',')
          .map((name) => name.trim())
          .filter((name) => name !== ''),
  internet: rules.internet,
  trustAnybody: rules.trustAnybody ? true : null,
  // To the minute, so that the question stays the same while nothing is typed.
  seen: { from: new Date(Math.floor(now / 60_000) * 60_000 - Number(rules.days) * DAY_MS).toISOString() },
})

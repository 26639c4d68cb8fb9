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
const whole = (text: string, times = 1): number | null => (text.trim() === '' ? null : Math.round(Number(text) * times))

/** @param now Unix ms */
export const whatIfInput = (rules: OtherRules, now: number) => ({
  pricePercent: whole(rules.pricePercent),
  floorPercent: whole(rules.floorPercent),
  maxDurationS: whole(rules.maxHours, 3_600),
  maxLeases: whole(rules.maxLeases),
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

import type { RuleVerdict } from './match.ts'
import { hourlyMsat, type PriceVector } from './price.ts'
import type { Resources } from './resources.ts'

/** The start price is due at once, so a lease could otherwise be all start. */
export const firstHourMsat = (price: PriceVector, resources: Resources): bigint =>
  price.startMsat + hourlyMsat(price, resources)

/** Traffic has no natural hour: a cheap machine with absurd traffic would take the budget at one tick. A GiB costs so many hours at most. */
export const TRAFFIC_HOURS = 10n
const TRAFFIC = ['ioReadGiB', 'ioWriteGiB', 'netRxGiB', 'netTxGiB'] as const

/**
 * Whether a price stays under what a publisher pays at most for an hour: the start and an hour of full use, which bounds the unit of
 * each resource that a machine has, and each unit of traffic, which no hour bounds. Both sides judge by this.
 */
export const underCeiling = (price: PriceVector, resources: Resources, ceilingMsat: bigint): readonly RuleVerdict[] => {
  const hour = firstHourMsat(price, resources)
  const dearest = TRAFFIC.reduce((item, other) => (price[other] > price[item] ? other : item), 'ioReadGiB')
  const traffic = ceilingMsat * TRAFFIC_HOURS
  return [
    {
      rule: 'price',
      ok: hour <= ceilingMsat,
      want: `at most ${ceilingMsat} msat for the start and an hour of full use`,
      have: `at least ${hour} msat`,
    },
    {
      rule: 'traffic-price',
      ok: price[dearest] <= traffic,
      want: `at most ${traffic} msat for a GiB of traffic`,
      have: `at least ${price[dearest]} msat (${dearest})`,
    },
  ]
}

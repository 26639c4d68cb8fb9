import type { Change } from '../change.ts'
import { feeRateCost } from '../fee-cost.ts'
import type { NodeClient } from '../node-client.ts'
import { showNumber, showTime } from '../quantity.ts'
import type { RequestFlags } from './request-options.ts'

/** As the node's own, which counts when nothing is said. */
const DEFAULT_HOURLY_SATS = 10_000n
const DEFAULT_DURATION_S = 3_600
const LEAST_BUDGET_SATS = 10_000n

/** What renting, or posting, comes to for the one who orders it: in words, and in coin. */
export const orderOf = (
  how: 'rent' | 'post an announcement for',
  client: NodeClient,
  flags: RequestFlags,
): Pick<Change, 'does' | 'costs' | 'asks'> => {
  const { count = 1, maxPrice = DEFAULT_HOURLY_SATS, duration = DEFAULT_DURATION_S } = flags
  const full = (maxPrice * BigInt(duration) + 3_599n) / 3_600n
  const locked = flags.budget ?? (full > LEAST_BUDGET_SATS ? full : LEAST_BUDGET_SATS)
  const most = (flags.maxBudget ?? locked) * BigInt(count)
  return {
    does: `${how} ${count} machine${count === 1 ? '' : 's'}, ${showTime(duration)} at most, for ${showNumber(most)} sats at the most`,
    costs: async () => [
      ['an hour of each', `at most ${showNumber(maxPrice)} sats`],
      ['locked in each', `${showNumber(locked)} sats; what is not used comes back, less the chain’s fees`],
      ...(flags.maxBudget === undefined ? [] : [['topped up to', `${showNumber(flags.maxBudget)} sats each`] as const]),
      ...(await feeRateCost(client)),
    ],
    asks: true,
  }
}

import { expect, it } from 'vitest'
import { runPlan } from '../shrink.ts'
import { plan, rent } from './plans.ts'

/**
 * The last tick that the first channel held came while a top-up was on its way. The provider waited for the top-up, and made no tick; the
 * publisher had funded it, and waited for a tick to tell it with. Both waited until one gave up.
 */
it('a top-up is told when it is funded, and not with a tick that may wait for it', async () => {
  const outcome = await runPlan(
    plan({
      seed: '252',
      minutes: 0.7,
      rents: [
        {
          ...rent,
          atMs: 1_035,
          count: 2,
          tickMs: 2_000,
          capacitySats: 10_000n,
          maxDurationMs: 60_000,
          ceilingPercent: 95,
          mostSats: 5_000n,
          topUps: [
            { atMs: 39_547, sats: 50_000n },
            { atMs: 33_271, sats: 50_000n },
            { atMs: 10_722, sats: 1_000n },
          ],
        },
      ],
    }),
  )
  expect(outcome.violation).toBeUndefined()
})

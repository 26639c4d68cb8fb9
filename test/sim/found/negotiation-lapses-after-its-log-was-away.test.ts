import { expect, it } from 'vitest'
import { runPlan } from '../shrink.ts'
import { plan, rent } from './plans.ts'

/**
 * A publisher's disk was full when the provider did not answer its counter-offer any more. The end of the negotiation could not be written
 * down, and nobody tried again: the lease stayed in it for ever.
 */
it('a lease that was being negotiated lapses, also when the log took nothing as its session broke', async () => {
  const outcome = await runPlan(
    plan({
      seed: '1607',
      minutes: 0.7,
      rents: [
        {
          ...rent,
          atMs: 11_039,
          tickMs: 1_000,
          capacitySats: 3_000n,
          maxDurationMs: 10_000,
          ceilingPercent: 85,
          mostSats: 200_000n,
          stop: { atMs: 32_301, by: 'provider' },
        },
      ],
      troubles: [
        { kind: 'disk-full', node: 'publisher-0', atMs: 19_977, forMs: 3_000 },
        { kind: 'slow-network', atMs: 4_777, forMs: 90_000, byMs: 500 },
      ],
    }),
  )
  expect(outcome.violation).toBeUndefined()
})

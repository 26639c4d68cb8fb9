import { expect, it } from 'vitest'
import { runPlan } from '../shrink.ts'
import { plan, rent } from './plans.ts'

/**
 * A publisher's disk was full when its session with a provider broke before the funding. That could not be written down, and the session
 * counted as one that went on: the lease stayed in provision for ever.
 */
it('a lease that was agreed lapses, also when the log took nothing as its session broke', async () => {
  const outcome = await runPlan(
    plan({
      seed: '83',
      minutes: 0.7,
      publishers: 2,
      rents: [
        {
          ...rent,
          publisher: 'publisher-1',
          atMs: 5_761,
          tickMs: 500,
          capacitySats: 3_000n,
          maxDurationMs: 10_000,
          ceilingPercent: 85,
        },
      ],
      troubles: [
        { kind: 'disk-full', node: 'publisher-1', atMs: 8_273, forMs: 45_000 },
        { kind: 'driver-hangs', node: 'provider-0', atMs: 6_211, forMs: 3_000 },
      ],
    }),
  )
  expect(outcome.violation).toBeUndefined()
})

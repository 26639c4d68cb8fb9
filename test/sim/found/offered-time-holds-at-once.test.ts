import { expect, it } from 'vitest'
import { runPlan } from '../shrink.ts'
import { plan, rent } from './plans.ts'

/**
 * A provider offered a longer time at the very tick at which the first one was over. It ended the lease by what it had read before, and the
 * publisher, which had signed, took that for the provider's own wish.
 */
it('a longer time that is offered with the last tick keeps the lease', async () => {
  const outcome = await runPlan(
    plan({
      seed: '1652',
      minutes: 0.7,
      publishers: 2,
      providers: 2,
      rents: [
        {
          ...rent,
          atMs: 9_223,
          dataGraceMs: 10_000,
          ceilingPercent: 85,
          stop: { atMs: 35_806, by: 'publisher' },
          fetchedMs: 2_019,
          maxPauseMs: 5_000,
          renewUpToMs: 1_800_000,
          asks: [{ kind: 'change', atMs: 33_024, by: 'publisher', what: 'notice' }],
        },
        {
          ...rent,
          atMs: 7_199,
          tickMs: 2_000,
          capacitySats: 10_000n,
          maxDurationMs: 10_000,
          ceilingPercent: 95,
          maxPauseMs: 60_000,
          asks: [
            { kind: 'change', atMs: 19_105, by: 'publisher', what: 'longer' },
            { kind: 'pause', atMs: 21_319, by: 'provider', forMs: 1_000 },
          ],
        },
      ],
      troubles: [
        { kind: 'kill-at-write', node: 'provider-1', write: 97, downMs: 100 },
        { kind: 'clock', node: 'provider-1', atMs: 22_927, byMs: 3_600_000 },
        { kind: 'partition', pair: ['publisher-1', 'provider-0'], atMs: 2_907, forMs: 10_000 },
        { kind: 'clock', node: 'publisher-0', atMs: 41_467, byMs: -20_000 },
      ],
    }),
  )
  expect(outcome.violation).toBeUndefined()
})

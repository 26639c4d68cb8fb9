import { expect, it } from 'vitest'
import { runPlan } from '../shrink.ts'
import { plan, rent } from './plans.ts'

/**
 * A provider came back, and its publisher sent the newest voucher again, which took two seconds on its way. The next tick was written
 * by then: the voucher was held against it, called a bad one, and the publisher was blamed.
 */
it('a voucher that comes again, after the next tick, is nobody’s fault', async () => {
  const outcome = await runPlan(
    plan({
      seed: '2983',
      minutes: 0.7,
      providers: 2,
      rents: [
        {
          ...rent,
          atMs: 12_652,
          maxDurationMs: 60_000,
          dataGraceMs: 2_000,
          ceilingPercent: 70,
          stop: { atMs: 39_674, by: 'publisher' },
        },
        {
          ...rent,
          atMs: 5_412,
          count: 2,
          capacitySats: 10_000n,
          maxDurationMs: 60_000,
          stop: { atMs: 28_672, by: 'publisher' },
        },
      ],
      troubles: [
        { kind: 'slow-network', atMs: 22_586, forMs: 3_000, byMs: 2_000 },
        { kind: 'kill-at-write', node: 'provider-0', write: 84, downMs: 5_000 },
      ],
    }),
  )
  expect(outcome.violation).toBeUndefined()
})

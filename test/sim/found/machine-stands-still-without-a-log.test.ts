import { expect, it } from 'vitest'
import { runPlan } from '../shrink.ts'
import { plan, rent } from './plans.ts'

/** The provider's disk was full: ticks and vouchers could not be written, and the machine ran on unpaid until there was room. */
it('a machine does not run on while its provider cannot write down what it owes', async () => {
  const outcome = await runPlan(
    plan({
      seed: '93',
      providers: 2,
      rents: [
        {
          ...rent,
          atMs: 16_717,
          maxDurationMs: 10_000,
          ceilingPercent: 300,
          stop: { atMs: 27_965, by: 'publisher' },
        },
      ],
      troubles: [{ kind: 'disk-full', node: 'provider-1', atMs: 20_001, forMs: 10_000 }],
    }),
  )
  expect(outcome.violation).toBeUndefined()
})

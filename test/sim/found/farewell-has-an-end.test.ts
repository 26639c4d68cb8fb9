import { expect, it } from 'vitest'
import { runPlan } from '../shrink.ts'
import { plan, rent } from './plans.ts'

/**
 * At the end of a lease each message began the time anew in which the last voucher had to come. A publisher that went on asking for the
 * end kept its provider from removing the machine and closing the channel.
 */
it('a farewell is over in its time, whatever the publisher goes on to say', async () => {
  const outcome = await runPlan(
    plan({
      seed: '2471',
      minutes: 0.7,
      rents: [
        { ...rent, atMs: 4_911, capacitySats: 10_000n, maxDurationMs: 10_000, stop: { atMs: 30_501, by: 'publisher' } },
      ],
      troubles: [{ kind: 'kill', node: 'provider-0', atMs: 24_625, downMs: 1_000 }],
      hostile: [{ node: 'provider-0', kind: 'never-serves', after: 3 }],
    }),
  )
  expect(outcome.violation).toBeUndefined()
})

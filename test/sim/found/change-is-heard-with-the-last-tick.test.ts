import { expect, it } from 'vitest'
import { runPlan } from '../shrink.ts'
import { plan, rent } from './plans.ts'

/**
 * The publisher's signature under other terms came while the provider found that the channel held no further tick. It had been read, and was
 * dropped with the session's turns: the two sides ended with other terms, and without a receipt of both.
 */
it('a signature under other terms that comes with the last tick counts', async () => {
  const outcome = await runPlan(
    plan({
      seed: '322',
      minutes: 0.7,
      providers: 3,
      rents: [
        {
          ...rent,
          atMs: 3_418,
          capacitySats: 3_000n,
          stop: { atMs: 25_455, by: 'publisher' },
          maxPauseMs: 60_000,
          renewUpToMs: 1_800_000,
          asks: [
            { kind: 'pause', atMs: 29_809, by: 'owner', forMs: 12_000 },
            { kind: 'pause', atMs: 10_582, by: 'provider', forMs: 30_000 },
            { kind: 'change', atMs: 10_933, by: 'provider', what: 'notice' },
          ],
        },
      ],
    }),
  )
  expect(outcome.violation).toBeUndefined()
})

import { expect, it } from 'vitest'
import { runPlan } from '../shrink.ts'
import { plan, rent } from './plans.ts'

/**
 * The agreed time was over while the provider's disk was full. Each try to write the end down let the machine run for another tick, which
 * nobody paid, for as long as there was no room.
 */
it('a machine stands still from its end on, also when that cannot be written down', async () => {
  const outcome = await runPlan(
    plan({
      seed: '38',
      minutes: 0.7,
      rents: [{ ...rent, atMs: 13_502, maxDurationMs: 10_000 }],
      troubles: [{ kind: 'disk-full', node: 'provider-0', atMs: 25_150, forMs: 45_000 }],
    }),
  )
  expect(outcome.violation).toBeUndefined()
  expect(outcome.served).toBe(1)
})

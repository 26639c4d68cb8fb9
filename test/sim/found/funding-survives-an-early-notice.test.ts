import { expect, it } from 'vitest'
import { runPlan } from '../shrink.ts'
import { plan, rent } from './plans.ts'

/**
 * The publisher had locked the budget, the provider died before it knew, and the end was asked for while it came back: the notice came
 * where the funding was due. The provider blamed its peer, and the budget was locked until the channel's expiry.
 */
it.each([
  ['a', 16],
  ['c', 17],
])(
  'a budget is not locked in vain when the end is asked for before the provider knows of it (%s)',
  async (seed, write) => {
    const outcome = await runPlan(
      plan({
        seed,
        minutes: 0.3,
        rents: [{ ...rent, tickMs: 500, stop: { atMs: 1_500, by: 'publisher' } }],
        troubles: [{ kind: 'kill-at-write', node: 'provider-0', write, downMs: 5_000 }],
      }),
    )
    expect(outcome.violation).toBeUndefined()
    expect(outcome.served).toBe(1)
  },
)

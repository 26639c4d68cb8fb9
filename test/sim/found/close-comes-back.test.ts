import { expect, it } from 'vitest'
import { runPlan } from '../shrink.ts'
import { plan, rent } from './plans.ts'

/**
 * A reorganisation took the block of a close away, and the close with it. The lease was settled already, so nobody gave it to the chain
 * again: what the provider had earned stayed in the channel until the publisher could take it all back.
 */
it('a close that a reorganisation lost is given to the chain again', async () => {
  const outcome = await runPlan(
    plan({
      seed: '32',
      rents: [
        {
          ...rent,
          atMs: 8_315,
          dataGraceMs: 2_000,
          ceilingPercent: 95,
          stop: { atMs: 57_389, by: 'publisher' },
        },
      ],
      troubles: [{ kind: 'reorganise', atMs: 45_949, depth: 1, losesPercent: 100 }],
      hostile: [{ node: 'provider-0', kind: 'never-serves', after: 2 }],
    }),
  )
  expect(outcome.violation).toBeUndefined()
})

import { expect, it } from 'vitest'
import type { Plan } from '../plan.ts'
import { runPlan } from '../shrink.ts'
import { plan, rent } from './plans.ts'

/**
 * The coins of a funding went elsewhere: a publisher spent them twice, or a reorganisation lost what they came from. Nothing could ever
 * be had from the channel, and both sides waited for it, and tried to close it each second, for ever.
 */
const WAYS: readonly (readonly [string, Partial<Plan>])[] = [
  [
    'the publisher spent it twice',
    {
      seed: '197',
      rents: [{ ...rent, atMs: 7_236, capacitySats: 10_000n, maxDurationMs: 10_000, ceilingPercent: 300 }],
      hostile: [{ node: 'publisher-0', kind: 'double-spends', after: 2 }],
    },
  ],
  [
    'a reorganisation lost it',
    {
      seed: '1144',
      rents: [
        {
          ...rent,
          atMs: 4_684,
          tickMs: 2_000,
          capacitySats: 10_000n,
          ceilingPercent: 300,
          stop: { atMs: 35_107, by: 'publisher' },
        },
        {
          ...rent,
          atMs: 2_437,
          tickMs: 2_000,
          capacitySats: 3_000n,
          maxDurationMs: 60_000,
          dataGraceMs: 2_000,
          ceilingPercent: 70,
          stop: { atMs: 31_187, by: 'publisher' },
        },
      ],
      troubles: [{ kind: 'reorganise', atMs: 37_819, depth: 3, losesPercent: 100 }],
    },
  ],
]

it.each(WAYS)('a lease whose funding is gone ends: %s', async (_, part) => {
  const outcome = await runPlan(plan({ minutes: 0.7, ...part }))
  expect(outcome.violation).toBeUndefined()
  expect(outcome.served).toBe(1)
})

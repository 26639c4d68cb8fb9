import { expect, it } from 'vitest'
import { runPlan } from '../shrink.ts'
import { plan, rent } from './plans.ts'

/**
 * A provider died before it knew of its funding, and stayed away for longer than it may. Its publisher had ended the lease, and said so
 * where the funding was due: the provider called that a breach of the protocol.
 */
it('a provider that was given up before it knew of its funding blames nobody for it', async () => {
  const outcome = await runPlan(
    plan({
      seed: '1109',
      minutes: 0.7,
      rents: [
        {
          ...rent,
          atMs: 1_666,
          maxDurationMs: 10_000,
          dataGraceMs: 2_000,
          ceilingPercent: 300,
          stop: { atMs: 37_254, by: 'publisher' },
        },
      ],
      troubles: [{ kind: 'kill-at-write', node: 'provider-0', write: 19, downMs: 30_000 }],
    }),
  )
  expect(outcome.violation).toBeUndefined()
})

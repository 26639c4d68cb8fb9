import { availableParallelism } from 'node:os'
import { expect, it } from 'vitest'
import { runCrowd } from './crowd.ts'

/** As many as take two cores that have nothing else to do less than a minute. Many more are run by `npm run sim -- --seeds 20000`. */
const SEEDS = 2_000
/** A busy machine may take many times as long. */
const LIMIT_MS = 3_600_000

it('nothing that must never be is in the worlds of seeds', { timeout: LIMIT_MS }, async () => {
  const seeds = Array.from({ length: SEEDS }, (_, i) => String(i + 1))
  /** Shown by a failed test: how to see it again, and the smallest plan that was found to break the same rule. */
  const failures: string[] = []
  let served = 0
  await runCrowd({}, seeds, availableParallelism(), (told) => {
    served += told.served
    if (told.violation === undefined) return
    const { check, message, smallest } = told.violation
    failures.push(`${check}: ${message}\nnpm run sim -- --seed ${told.seed}\n${smallest}`)
  })
  expect(failures).toEqual([])
  expect(served).toBeGreaterThan(SEEDS)
})

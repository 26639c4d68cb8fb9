import { describe, expect, it } from 'vitest'
import { planOf } from './plan.ts'
import { planText, runPlan, shrunk } from './shrink.ts'

/** As many as take a minute or two of one core. Many more are run by `npm run sim -- --seeds 2000`. */
const SEEDS = 300
/** In one test, so that one sees how far it came. */
const PART = 100
/** A part takes half a minute of one core; a busy machine may take many times as long. */
const LIMIT_MS = 1_800_000

/** Shown by a failed test: how to see it again, and the smallest plan that was found to break the same rule. */
const failureOf = async (seed: string): Promise<string | undefined> => {
  const plan = planOf({ seed })
  const { violation } = await runPlan(plan)
  if (violation === undefined) return undefined
  const smallest = planText(await shrunk(plan, violation))
  return `${violation.check}: ${violation.message}\nnpm run sim -- --seed ${seed}\n${smallest}`
}

describe('nothing that must never be is in the worlds of seeds', () => {
  const parts = Array.from({ length: SEEDS / PART }, (_, i) => [i * PART + 1, (i + 1) * PART] as const)
  it.each(parts)('%i to %i', { timeout: LIMIT_MS }, async (first, last) => {
    for (let seed = first; seed <= last; seed++) expect(await failureOf(String(seed))).toBeUndefined()
  })
})

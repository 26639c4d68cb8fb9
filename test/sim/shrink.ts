import { CHECKS } from './checks/all.ts'
import type { Plan } from './plan.ts'
import type { Violation } from './violation.ts'
import { type Outcome, World } from './world.ts'

/** Runs of smaller plans that are tried at the most. */
const MOST_RUNS = 60

export const runPlan = (plan: Plan): Promise<Outcome> => new World(plan, { checks: CHECKS }).run()

/** Smaller plans: without one trouble, one wish, one hostility, or the last node of a kind when nothing names it. */
const smaller = (plan: Plan): Plan[] => {
  const without = <T>(list: readonly T[]): (readonly T[])[] => list.map((_, i) => list.filter((__, j) => i !== j))
  const plans: Plan[] = [
    ...without(plan.troubles).map((troubles) => ({ ...plan, troubles })),
    ...without(plan.rents).map((rents) => ({ ...plan, rents })),
    ...without(plan.hostile).map((hostile) => ({ ...plan, hostile })),
  ]
  const text = planText({ ...plan, publishers: 0, providers: 0 })
  const { publishers, providers } = plan
  if (publishers > 1 && !text.includes(`publisher-${publishers - 1}`))
    plans.push({ ...plan, publishers: publishers - 1 })
  if (providers > 1 && !text.includes(`provider-${providers - 1}`)) plans.push({ ...plan, providers: providers - 1 })
  return plans
}

/** The smallest plan that was found to break the same rule. */
export const shrunk = async (plan: Plan, { check }: Violation): Promise<Plan> => {
  let least = plan
  let runs = 0
  for (let found = true; found; ) {
    found = false
    for (const next of smaller(least)) {
      if (++runs > MOST_RUNS) return least
      if ((await runPlan(next)).violation?.check !== check) continue
      least = next
      found = true
      break
    }
  }
  return least
}

/** A plan as text that can be put into a test. */
export const planText = (plan: Plan): string =>
  JSON.stringify(plan, (_, value) => (typeof value === 'bigint' ? `${value}n` : value), 2).replace(/"(\d+)n"/g, '$1n')

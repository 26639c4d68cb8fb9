import type { Plan, Rent } from '../plan.ts'

export const rent: Rent = {
  publisher: 'publisher-0',
  atMs: 0,
  count: 1,
  tickMs: 1_000,
  capacitySats: 100_000n,
  maxDurationMs: 600_000,
  dataGraceMs: 0,
  ceilingPercent: 150,
}

/** One publisher, one provider, and what a test says. */
export const plan = (rest: Partial<Plan>): Plan => ({
  seed: 'found',
  minutes: 1,
  publishers: 1,
  providers: 1,
  rents: [rent],
  troubles: [],
  hostile: [],
  ...rest,
})

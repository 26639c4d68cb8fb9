/** The seven stages, in order; the top-level states of the lease's chart before the end. */
export const STAGES = ['announce', 'connect', 'challenge', 'negotiate', 'provision', 'meter', 'settle'] as const
export type Stage = (typeof STAGES)[number]

/** How a lease can be over. */
export const TERMINALS = ['settled', 'refunded', 'lapsed', 'refused', 'failed'] as const
export type Terminal = (typeof TERMINALS)[number]

/** How long a stage may take before the lease lapses, ms. Metering ends by the terms, settling by the chain. */
export const STAGE_DEADLINE_MS: Readonly<Record<Exclude<Stage, 'meter' | 'settle'>, number>> = {
  announce: 30_000,
  connect: 30_000,
  challenge: 15_000,
  negotiate: 60_000,
  provision: 120_000,
}

/** The same of any stage or end; those without a deadline have all the time there is. */
export const deadlineMsOf = (stage: string): number =>
  Object.entries(STAGE_DEADLINE_MS).find(([name]) => name === stage)?.[1] ?? Number.POSITIVE_INFINITY

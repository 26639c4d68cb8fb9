/** An offer that waits to be taken or not. */
export type Candidate = {
  readonly leaseId: string
  /** Cost of an hour of full use, msat. */
  readonly hourlyMsat: bigint
  /** Sum of the benchmark marks that the provider claims. */
  readonly marks: number
}

/** The best `count` of them: cheapest first, then the fastest, then by id so that equals are taken alike everywhere. */
export const best = (candidates: readonly Candidate[], count: number): readonly Candidate[] =>
  [...candidates].sort(byWorth).slice(0, count)

const byWorth = (a: Candidate, b: Candidate): number => {
  if (a.hourlyMsat !== b.hourlyMsat) return a.hourlyMsat < b.hourlyMsat ? -1 : 1
  if (a.marks !== b.marks) return b.marks - a.marks
  return a.leaseId < b.leaseId ? -1 : 1
}

import type { Fact } from '../../domain/fact.ts'

/** A log beside others in a comparison. */
export type ComparedLog = {
  /** Resolves when the log says that the facts are in it. `expected`: version that the stream has now. */
  append(stream: string, expected: number, facts: readonly Fact[]): Promise<unknown>
  /** Gives `take` each of the `facts` facts that are in it, in the order of the log. */
  readAll?(facts: number, take: (fact: Fact) => void): Promise<void>
  close(): Promise<void>
}

import type { Decider } from '../../domain/decider.ts'
import type { Fact } from '../../domain/fact.ts'
import type { Journal } from './port.ts'

/** Folded streams kept in memory; the one unused for longest goes first. */
export const STREAMS_KEPT = 10_000

/** A decider whose types are known only to whoever gave it. */
export type AnyDecider = Decider<unknown, unknown, Fact, string>
type Kept = { readonly decider: AnyDecider; readonly state: unknown; readonly version: number }

/** States of streams, folded and kept. What is kept may be behind the log; it is never wrong. */
export class Folded {
  readonly #kept = new Map<string, Kept>()
  readonly #journal: Journal

  constructor(journal: Journal) {
    this.#journal = journal
  }

  /** The state as it is kept, or, when nothing is or `newest` is asked for, as it is in the log. */
  async get(decider: AnyDecider, stream: string, newest: boolean): Promise<Kept> {
    const kept = this.#kept.get(stream)
    const known = kept?.decider === decider ? kept : undefined
    if (known && !newest) {
      this.#keep(stream, known)
      return known
    }
    let { state, version } = known ?? { state: decider.initial, version: 0 }
    for (const recorded of await this.#journal.read(stream, version)) {
      state = decider.evolve(state, recorded.fact)
      version = recorded.version
    }
    return this.#keep(stream, { decider, state, version })
  }

  /** Folds facts that were just appended after `before`. */
  advance(stream: string, before: Kept, facts: readonly Fact[]): Kept {
    const state = facts.reduce((folded, fact) => before.decider.evolve(folded, fact), before.state)
    return this.#keep(stream, { decider: before.decider, state, version: before.version + facts.length })
  }

  drop(stream: string): void {
    this.#kept.delete(stream)
  }

  #keep(stream: string, entry: Kept): Kept {
    const other = this.#kept.get(stream)
    const newest = other?.decider === entry.decider && other.version > entry.version ? other : entry
    this.#kept.delete(stream)
    this.#kept.set(stream, newest)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > STREAMS_KEPT && oldest !== undefined) this.#kept.delete(oldest)
    return newest
  }
}

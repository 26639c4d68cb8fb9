import { type Decider, IllegalFact } from '../../domain/decider.ts'
import type { Fact } from '../../domain/fact.ts'
import { Fault } from '../../domain/fault.ts'
import type { Journal, Recorded, Retaining } from './port.ts'
import { isLast, type Snapshots } from './snapshots.ts'

/** Folded streams kept in memory; the one unused for longest goes first. */
export const STREAMS_KEPT = 10_000
/** A stream that has got so many facts since its last snapshot gets a new one. */
export const SNAPSHOT_FACTS = 100
/** One that leaves memory is worth a snapshot after so many facts; fewer are folded as fast as it is read. */
export const WORTH_FACTS = 16

/** A decider whose types are known only to whoever gave it. */
export type AnyDecider = Decider<unknown, unknown, Fact, string>
type Kept = {
  readonly decider: AnyDecider
  readonly state: unknown
  readonly version: number
  /** Version of its newest snapshot; 0 without. */
  readonly saved?: number
}

/** States of streams, folded and kept. What is kept may be behind the log; it is never wrong. */
export class Folded {
  readonly #kept = new Map<string, Kept>()
  readonly #journal: Journal
  readonly #snapshots: Snapshots | undefined

  constructor(journal: Journal, snapshots?: Snapshots) {
    this.#journal = journal
    this.#snapshots = snapshots
    snapshots?.beforeClose(() => {
      for (const [stream, kept] of this.#kept) this.#save(stream, kept, WORTH_FACTS)
    })
  }

  /**
   * The state as it is kept, or, when nothing is or `newest` is asked for, as it is in the log.
   * @throws Fault `journal.truncated`, `journal.illegal-fact`, and as the journal
   */
  async get(decider: AnyDecider, stream: string, newest: boolean): Promise<Kept> {
    const kept = this.#kept.get(stream)
    const known = kept?.decider === decider ? kept : undefined
    if (known && !newest) {
      this.#keep(stream, known)
      return known
    }
    const from = known ?? (await this.#thawed(decider, stream)) ?? { state: decider.initial, version: 0 }
    const facts = 'facts' in from ? from.facts : await this.#journal.read(stream, from.version)
    if (facts.length === 0 && from.version === 0) await this.#checkUnbegun(stream)
    let { state, version } = from
    for (const recorded of facts) {
      if (recorded.version !== version + 1) throw truncated(stream, recorded.version)
      state = evolved(decider, state, recorded)
      version = recorded.version
    }
    return this.#keep(stream, { decider, state, version, ...('saved' in from ? { saved: from.saved } : {}) })
  }

  /** Folds facts that were just appended after `before`. */
  advance(stream: string, before: Kept, facts: readonly Fact[]): Kept {
    const { decider, saved = 0 } = before
    const state = facts.reduce((folded, fact) => decider.evolve(folded, fact), before.state)
    return this.#keep(stream, { decider, state, version: before.version + facts.length, saved })
  }

  drop(stream: string): void {
    this.#kept.delete(stream)
  }

  /** A snapshot and the facts after it; undefined when there is none of this stream as the log has it. */
  async #thawed(decider: AnyDecider, stream: string) {
    const snapshot = decider.keeping && this.#snapshots?.get(stream, decider.keeping)
    if (!snapshot) return undefined
    const { state, version } = snapshot
    const [last, ...facts] = await this.#journal.read(stream, version - 1)
    if (!isLast(snapshot, last)) return this.#snapshots?.drop(stream, 'the log has gone another way')
    this.#snapshots?.used()
    return { state, version, facts, saved: version }
  }

  /** A stream without any facts may have had some: what they said must not be taken for nothing. */
  async #checkUnbegun(stream: string): Promise<void> {
    const journal = this.#journal as Journal & Partial<Retaining>
    const { version, state } = (await journal.describe?.(stream)) ?? { version: 0, state: 'live' }
    if (version > 0 && state === 'live') throw truncated(stream, version + 1)
  }

  #keep(stream: string, entry: Kept): Kept {
    const other = this.#kept.get(stream)
    const newest = other?.decider === entry.decider && other.version > entry.version ? other : entry
    const kept = this.#save(stream, newest, SNAPSHOT_FACTS)
    this.#kept.delete(stream)
    this.#kept.set(stream, kept)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > STREAMS_KEPT && oldest !== undefined) {
      this.#save(oldest, this.#kept.get(oldest)!, WORTH_FACTS)
      this.#kept.delete(oldest)
    }
    return kept
  }

  #save(stream: string, kept: Kept, atLeast: number): Kept {
    const { decider, state, version, saved = 0 } = kept
    const { keeping } = decider
    if (!this.#snapshots || !keeping || version - saved < atLeast) return kept
    const last = async () => (await this.#journal.read(stream, version - 1, 1))[0]
    this.#snapshots.put(stream, keeping, state, last)
    return { ...kept, saved: version }
  }
}

const evolved = (decider: AnyDecider, state: unknown, { stream, version, fact }: Recorded): unknown => {
  try {
    return decider.evolve(state, fact)
  } catch (cause) {
    if (!(cause instanceof IllegalFact)) throw cause
    throw new Fault('journal.illegal-fact', `version ${version} of stream ${stream}: ${cause.message}`, {
      next: 'The log and this program disagree: run the version that wrote it, or put a backup in its place. Other streams are not affected.',
      cause,
    })
  }
}

const truncated = (stream: string, oldest: number): Fault =>
  new Fault('journal.truncated', `stream ${stream} was cut: its facts begin with version ${oldest}`, {
    culprit: 'you',
    next: 'Its state cannot be folded any more. Put a backup in its place; never set a retention on a stream that has rules.',
  })

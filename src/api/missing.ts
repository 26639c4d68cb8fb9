import type { Journal, Position, Recorded } from '../journal/port.ts'

/** Streams of which it is remembered how far a follower came; beyond that they are asked of again. */
const MAX_STREAMS = 10_000

/**
 * Notices facts that were removed (`Retaining`) before a follower saw them. Of a stream the oldest go, so what stands before the first
 * fact that is seen of it tells. It may say so although the follower knew them: what is gone has no place any more. Streams that are
 * gone as a whole are noticed by `isGone` alone.
 */
export class MissingFacts {
  readonly #journal: Journal
  readonly #after: Position
  /** Facts of other types are not seen: then only the first of a stream can be judged. */
  readonly #seesAll: boolean
  readonly #versions = new Map<string, number>()

  constructor(journal: Journal, after: Position, seesAll: boolean) {
    this.#journal = journal
    this.#after = after
    this.#seesAll = seesAll
  }

  /** Whether facts are missing between this one and those before it. */
  async before({ stream, version }: Recorded): Promise<boolean> {
    const last = this.#versions.get(stream)
    if (this.#versions.size >= MAX_STREAMS) this.#versions.clear()
    this.#versions.set(stream, version)
    if (last !== undefined) return this.#seesAll && version > last + 1
    if (version === 1) return false
    const [oldest] = await this.#journal.read(stream, 0, 1)
    return oldest !== undefined && oldest.version > 1 && oldest.position > this.#after
  }

  /** Whether a stream has begun, and nothing of it is left. A journal that removes nothing cannot say, and need not. */
  async isGone(stream: string): Promise<boolean> {
    if (this.#versions.has(stream) || !('describe' in this.#journal)) return false
    const { version, oldest } = await (this.#journal as Journal & Describing).describe(stream)
    return version > 0 && oldest === 0
  }
}

type Describing = { describe(stream: string): Promise<{ readonly version: number; readonly oldest: number }> }

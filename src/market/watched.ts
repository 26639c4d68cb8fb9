import type { OutPoint } from '../../domain/chain/transaction.ts'
import { fingerprintOf, sourceOf } from '../../domain/chart-fingerprint.ts'
import type { Keeping } from '../../domain/decider.ts'
import type { Side } from '../../domain/lease/facts.ts'
import { putAway, takenUp } from '../journal/log-fold.ts'
import type { Journal, Position, Recorded } from '../journal/port.ts'
import type { Snapshots } from '../journal/snapshots.ts'
import { type FrozenThings, WATCHED_TYPES, type WatchedFact, WatchedThings } from './watched-things.ts'

const BATCH = 1_000
/** Facts after which a snapshot is worth its bytes. */
const SNAPSHOT_FACTS = 500
const NAME = 'watched'

const KEEPING: Keeping<WatchedThings> = {
  // One class, whose every line may change what it folds to.
  fingerprint: fingerprintOf([sourceOf(WatchedThings), WATCHED_TYPES]),
  freeze: (things) => things.freeze(),
  thaw: (frozen) => WatchedThings.thaw(frozen as FrozenThings),
}

/** What concerns this node, folded from its log, never ahead of it. A start goes on from a snapshot, and reads no more than is new. */
export class Watched {
  readonly #journal: Journal
  readonly #snapshots: Snapshots | undefined
  #things: WatchedThings | undefined
  /** Up to where the log was looked through. */
  #position: Position = 0
  #last: Recorded | undefined
  #folded = 0
  #catchingUp: Promise<void> = Promise.resolve()

  constructor(journal: Journal, snapshots?: Snapshots) {
    this.#journal = journal
    this.#snapshots = snapshots
    snapshots?.beforeClose(() => this.#save())
  }

  /** Reads what was appended since the last time. One after the other, however many ask. */
  catchUp(): Promise<void> {
    this.#catchingUp = this.#catchingUp.catch(() => {}).then(() => this.#readOn())
    return this.#catchingUp
  }

  /** Announcement's txid → expiry height, while it stands. */
  get standing(): ReadonlyMap<string, number> {
    return this.#known.standing
  }

  /** Txid of the announcement whose bond an output is. */
  bond(output: OutPoint): string | undefined {
    return this.#known.bond(output)
  }

  /** The lease whose channel an output funds. */
  funding(output: OutPoint): string | undefined {
    return this.#known.funding(output)
  }

  /** Leases whose channels a transaction funds. */
  fundedBy(txid: string): readonly string[] {
    return this.#known.fundedBy(txid)
  }

  /** Leases whose channels were funded and, as far as the log knows, never in a block. */
  unopened(): readonly { readonly leaseId: string; readonly txid: string }[] {
    return this.#known.unopened()
  }

  /** Leases of one side on which something is left to do. */
  open(side: Side): readonly string[] {
    return this.#known.open(side)
  }

  /** Own announcements that may still be open, by txid. */
  own(): readonly string[] {
    return this.#known.own()
  }

  /** Own leases of an announcement that were funded. */
  filled(txid: string): readonly string[] {
    return this.#known.filled(txid)
  }

  get size(): number {
    return this.#known.size
  }

  /** The chain is this high. */
  reach(height: number): void {
    this.#known.reach(height)
  }

  get #known(): WatchedThings {
    this.#things ??= new WatchedThings()
    return this.#things
  }

  async #readOn(): Promise<void> {
    if (!this.#things) await this.#begin()
    const head = await this.#journal.head()
    if (head <= this.#position) return
    for (;;) {
      const facts = await this.#journal.readAll(this.#position, { types: WATCHED_TYPES }, BATCH)
      for (const recorded of facts as Recorded<WatchedFact>[]) {
        const { stream, fact } = recorded
        this.#known.fold(stream.slice(stream.indexOf('-') + 1), fact)
        this.#position = recorded.position
        this.#last = recorded
        this.#folded += 1
      }
      // A page may be short because its facts are large: only an empty one is the end.
      if (facts.length === 0) break
    }
    this.#position = Math.max(this.#position, head)
    if (this.#folded >= SNAPSHOT_FACTS) this.#save()
  }

  async #begin(): Promise<void> {
    const taken = await takenUp(this.#journal, this.#snapshots, NAME, KEEPING)
    this.#things = taken?.state ?? new WatchedThings()
    this.#position = taken?.position ?? 0
    this.#last = taken?.last
  }

  #save(): void {
    const last = this.#last
    if (!this.#snapshots || !last || this.#folded === 0) return
    this.#folded = 0
    putAway(this.#snapshots, NAME, KEEPING, { state: this.#known, last })
  }
}

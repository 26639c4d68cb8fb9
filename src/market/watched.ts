import type { OutPoint } from '../../domain/chain/transaction.ts'
import { fingerprintOf, sourceOf } from '../../domain/chart-fingerprint.ts'
import type { Keeping } from '../../domain/decider.ts'
import type { Side } from '../../domain/lease/facts.ts'
import { takenUp } from '../journal/log-fold.ts'
import type { Journal, Position, Recorded } from '../journal/port.ts'
import type { Snapshots } from '../journal/snapshots.ts'
import { WATCHED_TYPES, type WatchedFact } from './watched-facts.ts'
import { WatchedThings } from './watched-things.ts'
import type { FrozenThings } from './watching.ts'

const BATCH = 1_000
/** Facts after which a snapshot is worth its bytes; with more things than that, as many facts as there are things. */
const SNAPSHOT_FACTS = 500
/**
 * Positions looked through after which it is worth them too, and more for each thing in it: a start looks through so many again, at
 * about a million a second. On KurrentDB positions are further apart, and it is written sooner.
 */
const SNAPSHOT_POSITIONS = 50_000
const POSITIONS_PER_THING = 10
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
  /** Up to where the newest snapshot is, and the facts folded since. */
  #saved: Position = 0
  #folded = 0
  #catchingUp: Promise<void> = Promise.resolve()

  constructor(journal: Journal, snapshots?: Snapshots) {
    this.#journal = journal
    this.#snapshots = snapshots
    snapshots?.beforeClose(() => {
      if (this.#folded > 0 || this.#position - this.#saved >= SNAPSHOT_FACTS) this.#save()
    })
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

  /** Whether this is the txid of an announcement. */
  announces(txid: string): boolean {
    return this.#known.announces(txid)
  }

  /** Announcements that expired with the block at this height. */
  expiredAt(height: number): readonly string[] {
    return this.#known.expiredAt(height)
  }

  /** Announcements whose bonds are spent by a transaction that waits in the mempool. */
  withdrawnBy(txid: string): readonly string[] {
    return this.#known.withdrawnBy(txid)
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

  /** Leases on which nothing was left to do, until a reorganisation put their money back into their channels. */
  reopened(): readonly string[] {
    return this.#known.reopened()
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
        this.#folded += 1
      }
      // A page may be short because its facts are large: only an empty one is the end.
      if (facts.length === 0) break
      this.#saveIfDue()
    }
    this.#position = Math.max(this.#position, head)
    this.#saveIfDue()
  }

  async #begin(): Promise<void> {
    const taken = await takenUp(this.#journal, this.#snapshots, NAME, KEEPING)
    this.#things = taken?.state ?? new WatchedThings()
    this.#position = taken?.position ?? 0
    this.#saved = this.#position
  }

  #saveIfDue(): void {
    const { size } = this.#known
    const isDue =
      this.#folded >= Math.max(SNAPSHOT_FACTS, size) ||
      this.#position - this.#saved >= SNAPSHOT_POSITIONS + POSITIONS_PER_THING * size
    if (isDue) this.#save()
  }

  #save(): void {
    if (!this.#snapshots) return
    const position = this.#position
    this.#folded = 0
    this.#saved = position
    // As it is now: it goes on changing. It names the last fact that was looked at, whomever that concerned, so that a start goes on there.
    const frozen = this.#known.freeze()
    const last = async () => (await this.#journal.readAllBackward(position + 1, undefined, 1))[0]
    this.#snapshots.put(NAME, { ...KEEPING, freeze: () => frozen }, this.#known, last)
  }
}

import type { Availability, Served } from '../../domain/availability/availability.ts'
import { type FrozenTrack, TRACK_TYPES, Track, type TrackFact } from '../../domain/availability/track.ts'
import { fingerprintOf, sourceOf } from '../../domain/chart-fingerprint.ts'
import type { Keeping } from '../../domain/decider.ts'
import type { Clock } from '../clock/port.ts'
import { putAway, takenUp } from '../journal/log-fold.ts'
import type { Journal, Position, Recorded } from '../journal/port.ts'
import type { Snapshots } from '../journal/snapshots.ts'
import type { TrackReader } from '../lease/party.ts'

const BATCH = 1_000
/** Facts after which a snapshot is worth its bytes. */
const SNAPSHOT_FACTS = 500
const NAME = 'track'
/** Raised when what it counts changes in a file other than the class's own. */
const FOLD_VERSION = 1

const KEEPING: Keeping<Track> = {
  fingerprint: fingerprintOf([sourceOf(Track), TRACK_TYPES, FOLD_VERSION]),
  freeze: (track) => track.freeze(),
  thaw: (frozen) => Track.thaw(frozen as FrozenTrack),
}

/** `Track` over this node's log: read on whenever it is asked, and taken up from a snapshot at a start. */
export class TrackRecord implements TrackReader {
  readonly #journal: Journal
  readonly #clock: Pick<Clock, 'now'>
  readonly #snapshots: Snapshots | undefined
  #track: Track | undefined
  #position: Position = 0
  #last: Recorded | undefined
  #folded = 0
  #reading: Promise<void> = Promise.resolve()

  constructor(journal: Journal, clock: Pick<Clock, 'now'>, snapshots?: Snapshots) {
    this.#journal = journal
    this.#clock = clock
    this.#snapshots = snapshots
    snapshots?.beforeClose(() => this.#save())
  }

  async own(): Promise<Availability | undefined> {
    return (await this.#caughtUp()).own(this.#clock.now())
  }

  async seen(providerKey: string): Promise<Served | undefined> {
    return (await this.#caughtUp()).seen(providerKey, this.#clock.now())
  }

  /** One after the other, however many ask. */
  async #caughtUp(): Promise<Track> {
    this.#reading = this.#reading.catch(() => {}).then(() => this.#readOn())
    await this.#reading
    return this.#track!
  }

  async #readOn(): Promise<void> {
    if (this.#track === undefined) {
      const taken = await takenUp(this.#journal, this.#snapshots, NAME, KEEPING)
      this.#track = taken?.state ?? new Track()
      this.#position = taken?.position ?? 0
    }
    const head = await this.#journal.head()
    if (head <= this.#position) return
    for (;;) {
      const facts = await this.#journal.readAll(this.#position, { types: TRACK_TYPES }, BATCH)
      for (const recorded of facts as Recorded<TrackFact>[]) {
        this.#track.fold(recorded.stream, recorded.fact)
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

  #save(): void {
    if (this.#snapshots === undefined || this.#track === undefined || this.#last === undefined) return
    putAway(this.#snapshots, NAME, KEEPING, { state: this.#track, last: this.#last })
    this.#folded = 0
  }
}

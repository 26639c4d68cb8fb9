import { Fault } from '../../domain/fault.ts'
import type { Clock } from '../clock/port.ts'
import { putAway, takenUp } from '../journal/log-fold.ts'
import type { Archiving, Journal, Position, Recorded } from '../journal/port.ts'
import type { Snapshots } from '../journal/snapshots.ts'
import type { Log } from '../log/port.ts'
import { END_TYPES, ENDED_KEEPING, EndedStreams } from './ended-streams.ts'

/** Streams that are moved at once: some MB, which other writers wait for. */
export const BATCH_STREAMS = 500
/** Pause between two batches, so that they do not, ms. */
export const BATCH_PAUSE_MS = 500
/** How often it looks for what has become old enough, ms; more often where streams are kept for less. */
export const LOOK_MS = 600_000
const LEAST_LOOK_MS = 200

const NAME = 'archivist'

export type ArchivistOptions = {
  readonly journal: Journal & Archiving
  readonly clock: Clock
  readonly log: Log
  /** So long after its end a stream stays where it is, ms. */
  readonly keepMs: number
  readonly snapshots?: Snapshots
  /** Told of each batch that was moved. */
  readonly moved?: (streams: number) => void
}

/**
 * Moves streams that have been over for long out of the journal's live file. Nothing depends on it: a stream in the archive is read as
 * before, and comes back by itself when a late fact needs it. A crash leaves a batch moved or not; what it had begun it begins again.
 */
export class Archivist {
  readonly #options: ArchivistOptions
  #ended: EndedStreams | undefined
  #position: Position = 0
  #last: Recorded | undefined
  #isSaved = true

  constructor(options: ArchivistOptions) {
    this.#options = options
  }

  /** Looks again and again until `signal` is aborted; a batch that is being moved is finished first. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, keepMs } = this.#options
    const lookMs = Math.min(LOOK_MS, Math.max(LEAST_LOOK_MS, keepMs / 2))
    while (!signal.aborted) {
      try {
        const moved = await this.look(signal)
        if (moved > 0) log.info({ streams: moved }, 'streams that have been over for long are in the archive now')
      } catch (err) {
        if (!signal.aborted) log.warn({ err }, 'streams that are over could not be archived; trying again')
      }
      await clock.sleep(lookMs, signal).catch(() => {})
    }
  }

  /** Moves what is old enough now. @returns how many streams that were */
  async look(signal: AbortSignal): Promise<number> {
    const { clock, keepMs } = this.#options
    const ended = await this.#readOn(signal)
    let moved = 0
    while (!signal.aborted) {
      const due = ended.due(clock.now() - keepMs, BATCH_STREAMS)
      if (due.length === 0) break
      moved += await this.#move(due)
      ended.drop(due)
      this.#isSaved = false
      if (due.length === BATCH_STREAMS) await clock.sleep(BATCH_PAUSE_MS, signal).catch(() => {})
    }
    this.#save()
    return moved
  }

  async #move(streams: readonly string[]): Promise<number> {
    const { journal, log, moved } = this.#options
    try {
      const count = await journal.archive(streams)
      moved?.(count)
      return count
    } catch (error) {
      const isTheirs = error instanceof Fault && STAYS.includes(error.code)
      if (!isTheirs) throw error
      const [stream] = streams
      if (streams.length === 1) {
        log.warn({ stream, code: error.code }, 'a stream that is over stays in the live log')
        return 0
      }
      const half = Math.ceil(streams.length / 2)
      return (await this.#move(streams.slice(0, half))) + (await this.#move(streams.slice(half)))
    }
  }

  async #readOn(signal: AbortSignal): Promise<EndedStreams> {
    const { journal, snapshots } = this.#options
    if (!this.#ended) {
      const taken = await takenUp(journal, snapshots, NAME, ENDED_KEEPING)
      this.#ended = taken?.state ?? new EndedStreams()
      this.#position = taken?.position ?? 0
      this.#last = taken?.last
    }
    while (!signal.aborted) {
      const facts = await journal.readAll(this.#position, { types: END_TYPES })
      // A page may be short because its facts are large: only an empty one is the end.
      if (facts.length === 0) break
      for (const recorded of facts) this.#ended.fold(recorded)
      this.#last = facts.at(-1)
      this.#position = this.#last!.position
      this.#isSaved = false
    }
    return this.#ended
  }

  #save(): void {
    const { snapshots } = this.#options
    if (!snapshots || !this.#ended || !this.#last || this.#isSaved) return
    this.#isSaved = true
    putAway(snapshots, NAME, ENDED_KEEPING, { state: this.#ended, last: this.#last })
  }
}

/** What one stream of a batch has to itself: the others can go. */
const STAYS: readonly string[] = ['journal.tombstoned', 'journal.too-large']

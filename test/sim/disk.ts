import { Fault } from '../../domain/fault.ts'
import { memoryStore } from '../../src/journal/memory.ts'
import type { Prepared } from '../../src/journal/prepared.ts'
import type { Change, Store } from '../../src/journal/store.ts'
import type { Dice } from './dice.ts'
import type { Life } from './life.ts'
import type { Timeline } from './timeline.ts'

/** A commit to a good disk, ms. */
const SYNC_MS = [0.1, 4] as const

type Writing = { readonly change: Change; done: boolean }

/**
 * A log's file. What is acknowledged is on the disk; what was written and not acknowledged when its process died is there up to some
 * point, in whole units: SQLite drops a torn last one when it opens the file. It outlives processes.
 */
export class Disk {
  /** As it is on the disk. */
  readonly store: Store = memoryStore()
  full = false
  /** Told how many units were given to it, with each. */
  begun: (count: number) => void = () => {}
  #begun = 0
  /** Each commit takes so much longer, ms. */
  slowerMs = 0
  /** For the test of the tests: a disk that acknowledges first and writes, if at all, later. */
  lies = false
  readonly #timeline: Timeline
  readonly #dice: Dice
  readonly #written: (written: Prepared) => void
  #writing: Writing[] = []
  #readyUs = 0

  /** @param written told of each unit when it is on the disk */
  constructor(timeline: Timeline, dice: Dice, written: (written: Prepared) => void) {
    this.#timeline = timeline
    this.#dice = dice
    this.#written = written
  }

  /** The file as a process opens it. */
  open(life: Life): Store {
    const { store } = this
    life.onEnd(() => this.#tear())
    return {
      change: (change) => this.#change(life, change),
      stream: (range) => store.stream(range),
      scan: (range) => store.scan(range),
      describe: (stream) => store.describe(stream),
      head: () => store.head(),
      beyond: (...args) => life.heard(store.beyond(...args)),
      // Between its pieces nobody else has to have a turn: a world has no other.
      breathe: () => Promise.resolve(),
      close: async () => {},
    }
  }

  #change(life: Life, change: Change): Promise<number> {
    if (this.full) return life.later(this.#syncMs(), () => Promise.reject(full()))
    this.#begun += 1
    this.begun(this.#begun)
    const writing: Writing = { change, done: false }
    this.#writing.push(writing)
    const syncUs = Math.ceil(this.#syncMs() * 1_000)
    // Later by at least one: of two at the same time, chance decides.
    const atUs = Math.max(this.#readyUs + 1, this.#timeline.nowUs + syncUs)
    this.#readyUs = atUs
    const waitMs = (atUs - this.#timeline.nowUs) / 1_000
    if (!this.lies) return life.later(waitMs, () => this.#write(writing))
    life.after(waitMs * 100, () => void this.#write(writing).catch(() => {}))
    return this.store.head()
  }

  async #write(writing: Writing): Promise<number> {
    this.#writing = this.#writing.filter((one) => one !== writing)
    writing.done = true
    const position = await this.store.change(writing.change)
    if (writing.change.kind === 'transact') this.#written(writing.change.transact)
    return position
  }

  /** The process is gone: what it had begun to write is there up to some point. */
  #tear(): void {
    const begun = this.#writing
    this.#writing = []
    const kept = this.lies ? 0 : this.#dice.int(0, begun.length)
    for (const writing of begun.slice(0, kept)) void this.#write(writing).catch(() => {})
  }

  #syncMs(): number {
    return SYNC_MS[0] + this.#dice.around(SYNC_MS[1] / 4) + this.slowerMs
  }
}

const full = (): Fault =>
  new Fault('journal.disk-full', 'the disk is full', { culprit: 'host', next: 'Make room on the disk.' })

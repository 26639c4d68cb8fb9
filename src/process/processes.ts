import type { EffectFact } from '../../domain/effect/facts.ts'
import type { TimerFact } from '../../domain/timer/facts.ts'
import { sleepUntilAborted } from '../clock/port.ts'
import { putAway, takenUp } from '../journal/log-fold.ts'
import type { Followed, Position, Recorded } from '../journal/port.ts'
import type { Snapshots } from '../journal/snapshots.ts'
import { OPEN_TYPES, OpenThings, openThingsKeeping } from './open-things.ts'
import { Outbox, type OutboxOptions } from './outbox.ts'
import { MAX_OPEN_EFFECTS } from './port.ts'
import { backoffMs } from './retry.ts'
import { Timekeeper } from './timekeeper.ts'

export type ProcessesOptions = Omit<OutboxOptions, 'signal' | 'onOver'> & {
  /** Names its snapshot: one for each set of kinds. */
  readonly name: string
  readonly snapshots?: Snapshots
}

const BATCH = 1_000
/** Facts after which a snapshot is worth its bytes. */
const SNAPSHOT_FACTS = 500
/** How long a log that cannot be followed is left alone, ms. */
const WAIT = { attempts: Number.POSITIVE_INFINITY, firstMs: 200, maxMs: 15_000 }

type Opened = Recorded<EffectFact | TimerFact>

/**
 * Does the effects that the log asks for, and fires its timers, of some kinds; at least once, in one place at a time (`claim`). It
 * begins when it has read all that there is, so that nothing is done that is done already.
 */
export class Processes {
  readonly #options: ProcessesOptions
  readonly #stop = new AbortController()
  readonly #outbox: Outbox
  readonly #timekeeper: Timekeeper
  readonly #keeping: ReturnType<typeof openThingsKeeping>
  #open: OpenThings | undefined
  #position: Position = 0
  #last: Recorded | undefined
  #folded = 0
  #isLive = false
  readonly #running: Promise<unknown>

  constructor(options: ProcessesOptions) {
    this.#options = options
    const { signal } = this.#stop
    this.#outbox = new Outbox({
      ...options,
      signal,
      onOver: (id, version) => {
        if (this.#open?.effects.get(id)?.version === version) this.#open.effects.delete(id)
      },
    })
    this.#timekeeper = new Timekeeper({ ...options, signal })
    this.#keeping = openThingsKeeping(Object.keys(options.kinds))
    this.#running = Promise.all([this.#followOn(), this.#timekeeper.run()])
    this.#running.catch((err) => {
      if (!signal.aborted) options.log.error({ err }, 'effects are not done any more; restart the node')
    })
  }

  /** What is being done is finished first. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('the node stops'))
    await this.#running.catch(() => {})
    await this.#outbox.finished()
    this.#save()
  }

  async #followOn(): Promise<void> {
    const { journal, clock, random, log } = this.#options
    const { signal } = this.#stop
    let failures = 0
    while (!signal.aborted) {
      try {
        this.#open ??= await this.#begin()
        if (!this.#isLive) await this.#catchUp(this.#open)
        const filter = { types: OPEN_TYPES, quiet: true } as const
        for await (const followed of journal.follow(this.#position, filter, signal)) {
          await this.#heard(this.#open, followed)
          failures = 0
        }
      } catch (err) {
        if (signal.aborted) return
        failures += 1
        log.warn({ err }, 'the log cannot be followed for effects; trying again')
        await sleepUntilAborted(clock, backoffMs(WAIT, failures, random), signal)
      }
    }
  }

  async #begin(): Promise<OpenThings> {
    const { journal, snapshots, name, kinds } = this.#options
    const taken = await takenUp(journal, snapshots, `process:${name}`, this.#keeping)
    this.#position = taken?.position ?? 0
    this.#last = taken?.last
    return taken?.state ?? new OpenThings(Object.keys(kinds))
  }

  /** Reads what there is now: a log that others write to without a pause never comes to an end. */
  async #catchUp(open: OpenThings): Promise<void> {
    const { journal } = this.#options
    const head = await journal.head()
    // So many are not held: those that are done already are found out one by one.
    while (this.#position < head && open.effects.size < MAX_OPEN_EFFECTS) {
      const page = await journal.readAll(this.#position, { types: OPEN_TYPES }, BATCH)
      if (page.length === 0) break
      for (const recorded of page) this.#fold(open, recorded)
    }
    await this.#goLive(open)
  }

  async #heard(open: OpenThings, followed: Followed): Promise<void> {
    if (followed.kind === 'caught-up') {
      this.#position = Math.max(this.#position, followed.position)
      return
    }
    this.#fold(open, followed.recorded)
    await this.#tell(open, followed.recorded)
  }

  #fold(open: OpenThings, recorded: Recorded): void {
    open.fold(recorded as Opened)
    this.#position = recorded.position
    this.#last = recorded
    this.#folded += 1
    if (this.#folded >= SNAPSHOT_FACTS) this.#save()
  }

  async #goLive(open: OpenThings): Promise<void> {
    this.#isLive = true
    for (const [key, timer] of open.timers) this.#timekeeper.set(key, timer)
    for (const [id, { version, ...what }] of [...open.effects]) {
      await this.#outbox.room()
      this.#outbox.take({ id, ...what }, version)
    }
  }

  async #tell(open: OpenThings, { stream }: Recorded): Promise<void> {
    const id = stream.slice(stream.indexOf('-') + 1)
    if (stream.startsWith('timer-')) {
      const timer = open.timers.get(id)
      if (timer) this.#timekeeper.set(id, timer)
      else this.#timekeeper.unset(id)
      return
    }
    const effect = open.effects.get(id)
    if (!effect) return this.#outbox.leave(id)
    await this.#outbox.room()
    const { version, ...what } = effect
    this.#outbox.take({ id, ...what }, version)
  }

  #save(): void {
    const { snapshots, name } = this.#options
    if (!snapshots || !this.#open || !this.#last || this.#folded === 0) return
    this.#folded = 0
    putAway(snapshots, `process:${name}`, this.#keeping, { state: this.#open, last: this.#last })
  }
}

import { type EffectCommand, effect as effectRules, effectStream } from '../../domain/effect/effect.ts'
import { Fault } from '../../domain/fault.ts'
import { type Clock, sleepUntilAborted } from '../clock/port.ts'
import { Conflict, isAway, type Journal } from '../journal/port.ts'
import type { Streams } from '../journal/streams.ts'
import type { Log } from '../log/port.ts'
import type { Random } from '../random/port.ts'
import {
  type Effect,
  type EffectKind,
  type EffectKinds,
  MAX_AT_ONCE,
  MAX_OPEN_EFFECTS,
  type ProcessCounts,
  type Retry,
} from './port.ts'
import { backoffMs, DEFAULT_RETRY } from './retry.ts'
import { Slots } from './slots.ts'

export type OutboxOptions = {
  readonly journal: Journal
  readonly streams: Streams
  readonly kinds: EffectKinds
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly counts?: ProcessCounts
  /** Ends it; what is being done is finished first. */
  readonly signal: AbortSignal
  /** It is done, parked or was not open any more; the log's followers hear of it later. */
  readonly onOver: (id: string, version: number) => void
}

type Entry = {
  readonly effect: Effect
  /** Of its stream, as long as it is open. */
  readonly version: number
  readonly gone: AbortController
  failures: number
  /** How often in a row something that it needs was away. */
  waits: number
  /** What came of it, until the log has it. */
  outcome: Extract<EffectCommand, { kind: 'finish' | 'park' }> | undefined
}

/** How long something that is away is waited for before it is asked again, ms. */
const WAIT = { attempts: Number.POSITIVE_INFINITY, firstMs: 200, maxMs: 15_000 } as const satisfies Retry

/** Does open effects: some at once, those for one subject one after the other, so that one that fails holds up no other subject. */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #entries = new Map<string, Entry>()
  /** By subject, the first one being done. */
  readonly #lines = new Map<string, Entry[]>()
  readonly #working = new Set<Promise<void>>()
  readonly #slots = new Slots(MAX_AT_ONCE)
  #roomy = Promise.withResolvers<void>()

  constructor(options: OutboxOptions) {
    this.#options = options
    options.signal.addEventListener('abort', () => this.#roomy.resolve(), { once: true })
  }

  take(effect: Effect, version: number): void {
    if (this.#entries.get(effect.id)?.version === version) return
    this.leave(effect.id)
    const entry: Entry = { effect, version, gone: new AbortController(), failures: 0, waits: 0, outcome: undefined }
    this.#entries.set(effect.id, entry)
    const line = this.#lines.get(effect.subject)
    if (line) return void line.push(entry)
    const begun = [entry]
    this.#lines.set(effect.subject, begun)
    const work = this.#work(effect.subject, begun)
    this.#working.add(work)
    void work.finally(() => this.#working.delete(work))
  }

  /** The log says that it is over, or that nobody is to try. */
  leave(id: string): void {
    this.#entries.get(id)?.gone.abort()
    this.#entries.delete(id)
    if (this.#entries.size < MAX_OPEN_EFFECTS) this.#roomy.resolve()
  }

  /** Resolves when another one may be taken, or `signal` is aborted. */
  async room(): Promise<void> {
    const { signal } = this.#options
    while (this.#entries.size >= MAX_OPEN_EFFECTS && !signal.aborted) {
      this.#roomy = Promise.withResolvers()
      await this.#roomy.promise
    }
  }

  /** What is being done is finished. To be called when `signal` is aborted. */
  async finished(): Promise<void> {
    await Promise.all(this.#working)
  }

  async #work(subject: string, line: Entry[]): Promise<void> {
    const { signal, clock } = this.#options
    for (let entry = line[0]; entry !== undefined; entry = line[0]) {
      while (!signal.aborted && !entry.gone.signal.aborted) {
        const againMs = await this.#slots.with(() => this.#attempt(entry!))
        if (againMs === undefined) break
        await sleepUntilAborted(clock, againMs, signal, entry.gone.signal)
      }
      if (signal.aborted) return
      const { effect, version } = entry
      this.#options.onOver(effect.id, version)
      if (this.#entries.get(effect.id) === entry) this.leave(effect.id)
      line.shift()
    }
    this.#lines.delete(subject)
  }

  /** @returns after how many ms it is to be attempted again; undefined when it is over */
  async #attempt(entry: Entry): Promise<number | undefined> {
    const { signal, streams, log } = this.#options
    if (signal.aborted || entry.gone.signal.aborted) return undefined
    const { effect } = entry
    try {
      if (entry.outcome === undefined) {
        if (!(await this.#isOpen(entry))) return undefined
        const againMs = await this.#do(entry)
        if (againMs !== undefined) return againMs
      }
      const options = { correlationId: effect.subject }
      await streams.execute(effectRules, effectStream(effect.id), entry.outcome!, options)
      return undefined
    } catch (err) {
      // The log is away, or the claim lost. What came of the effect is kept until it can be written.
      log.debug({ effect: effect.id, kind: effect.kind, err }, 'the log cannot be told of an effect yet')
      return this.#waitMs(entry)
    }
  }

  /** Asks the log whether it is still open and, where nodes share the log, still this one's to do. */
  async #isOpen({ effect, version }: Entry): Promise<boolean> {
    const stream = effectStream(effect.id)
    try {
      await this.#options.journal.transact([{ stream, expected: version, facts: [] }])
      return true
    } catch (error) {
      if (error instanceof Conflict && error.stream === stream) return false
      throw error
    }
  }

  /** @returns after how many ms it is to be done again; undefined when there is an outcome */
  async #do(entry: Entry): Promise<number | undefined> {
    const { kinds, clock } = this.#options
    const { effect } = entry
    const kind = kinds[effect.kind]!
    try {
      const notYet = await kind.do(effect)
      entry.waits = 0
      if (notYet !== undefined) return notYet.againMs
      entry.outcome = { kind: 'finish', at: clock.now() }
      return undefined
    } catch (error) {
      if (isAway(error) || isLost(error) || kind.isAway?.(error)) return this.#waitMs(entry)
      return this.#failed(entry, kind, error)
    }
  }

  #failed(entry: Entry, { retry = DEFAULT_RETRY }: EffectKind, err: unknown): number | undefined {
    const { log, random, clock, counts } = this.#options
    const { id, kind, subject } = entry.effect
    entry.failures += 1
    const fields = { effect: id, kind, subject, attempts: entry.failures, err }
    if (entry.failures < retry.attempts) {
      counts?.retried(kind)
      log.info(fields, 'an effect failed; it is tried again')
      return backoffMs(retry, entry.failures, random)
    }
    log.error(fields, 'an effect is parked: see `zennet effects ls`')
    const { code, next } = err instanceof Fault ? err : { code: 'process.bug', next: NEXT_OF_BUG }
    entry.outcome = { kind: 'park', at: clock.now(), attempts: entry.failures, code, next }
    return undefined
  }

  #waitMs(entry: Entry): number {
    entry.waits += 1
    return backoffMs(WAIT, entry.waits, this.#options.random)
  }
}

const NEXT_OF_BUG = 'See the log of the node: this is a mistake in the program.'

/** Another node does it now, or this one again when it has the claim back. */
const isLost = (error: unknown): boolean => error instanceof Fault && error.code === 'claim.lost'

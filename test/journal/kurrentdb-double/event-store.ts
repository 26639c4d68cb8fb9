/** What a client sends to be written. */
export type NewEvent = {
  readonly stream: string
  readonly id: string
  readonly type: string
  readonly contentType: string
  readonly data: Uint8Array
  readonly metadata: Uint8Array
}
export type StoredEvent = NewEvent & { readonly revision: number; readonly position: number }

/** Expected states as numbers, as the wire has them. Others are revisions. */
export const NO_STREAM = -1
export const ANY = -2
export const STREAM_EXISTS = -4

export type Violation = { readonly stream: string; readonly expected: number; readonly actual: number }
export type Committed = { readonly position: number; readonly revisions: ReadonlyMap<string, number> }
type Check = 'fresh' | 'repeated' | Violation

/** Between two facts of ours a real log has other things: positions are bytes, and not 1, 2, 3. */
const STRIDE = 37

/** What the server keeps: the double may be killed and started again over it. */
export class EventStore {
  readonly log: StoredEvent[] = []
  readonly #streams = new Map<string, StoredEvent[]>()
  readonly #gone = new Set<string>()
  readonly #watchers = new Set<() => void>()

  stream(name: string): readonly StoredEvent[] {
    return this.#gone.has(name) ? [] : (this.#streams.get(name) ?? [])
  }

  isGone(name: string): boolean {
    return this.#gone.has(name)
  }

  /** Tombstone: nobody can read it or write to it any more. */
  remove(name: string): void {
    this.#gone.add(name)
  }

  /** All or nothing. The same event ids where they already stand change nothing and answer as before. */
  commit(expected: ReadonlyMap<string, number>, events: readonly NewEvent[]): Committed | readonly Violation[] {
    const names = new Set([...expected.keys(), ...events.map(({ stream }) => stream)])
    const checks = [...names].map((name) =>
      this.#check(
        name,
        expected.get(name) ?? ANY,
        events.filter(({ stream }) => stream === name),
      ),
    )
    const violations = checks.filter((check): check is Violation => typeof check === 'object')
    if (violations.length > 0) return violations
    const written = events.filter(({ stream }) => checks[[...names].indexOf(stream)] === 'repeated')
    if (written.length === 0) for (const event of events) this.#write(event)
    const last = written.length === 0 ? this.log.at(-1) : this.log.find(({ id }) => id === events.at(-1)?.id)
    for (const watcher of this.#watchers) watcher()
    return {
      position: last?.position ?? 0,
      revisions: new Map([...names].map((name) => [name, this.stream(name).length - 1])),
    }
  }

  /** Calls back when something was written. @returns what ends it */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  #check(stream: string, expected: number, events: readonly NewEvent[]): Check {
    const own = this.stream(stream)
    const actual = own.length - 1
    if (expected === ANY ? false : expected === STREAM_EXISTS ? actual < 0 : expected !== actual) {
      const there = own.slice(expected + 1, expected + 1 + events.length)
      const isRepeated = events.length > 0 && there.length === events.length
      if (expected >= NO_STREAM && isRepeated && there.every(({ id }, i) => id === events[i]?.id)) return 'repeated'
      return { stream, expected, actual }
    }
    const known = new Set(expected === ANY ? own.map(({ id }) => id) : [])
    return events.length > 0 && events.every(({ id }) => known.has(id)) ? 'repeated' : 'fresh'
  }

  #write(event: NewEvent): void {
    const own = this.#streams.get(event.stream) ?? []
    this.#streams.set(event.stream, own)
    const position = (this.log.at(-1)?.position ?? 1_000) + STRIDE
    const stored = { ...event, revision: own.length, position }
    own.push(stored)
    this.log.push(stored)
  }
}

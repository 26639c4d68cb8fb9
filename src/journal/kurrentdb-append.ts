import type { AppendResult, AppendStreamState } from '@kurrent/kurrentdb-client'
import { Fault } from '../../domain/fault.ts'
import { asked, type Kurrentdb, type KurrentdbCapabilities, REQUEST_TIMEOUT_MS } from './kurrentdb-client.ts'
import { eventId, eventsOf, positionOf } from './kurrentdb-event.ts'
import type { KurrentdbReader } from './kurrentdb-read.ts'
import type { KurrentdbPlace } from './kurrentdb-url.ts'
import { Conflict, type Position } from './port.ts'
import type { Prepared, PreparedFact } from './prepared.ts'

type Writing = { readonly expected: number; count: number }
type Unit = {
  readonly streams: ReadonlyMap<string, Writing>
  readonly facts: readonly (PreparedFact & { readonly stream: string })[]
}

/** Writes units, each in one call that the server does whole or not at all. */
export class KurrentdbWriter {
  readonly #kurrentdb: Kurrentdb
  readonly #place: KurrentdbPlace
  readonly #reader: KurrentdbReader
  readonly #capabilities: KurrentdbCapabilities

  constructor(
    kurrentdb: Kurrentdb,
    place: KurrentdbPlace,
    reader: KurrentdbReader,
    capabilities: KurrentdbCapabilities,
  ) {
    this.#kurrentdb = kurrentdb
    this.#place = place
    this.#reader = reader
    this.#capabilities = capabilities
  }

  /**
   * @returns position of the last fact; undefined when there was none to write
   * @throws Conflict
   * @throws Fault `journal.one-stream`, and those of `kurrentdbFault`
   */
  async write(prepared: Prepared): Promise<Position | undefined> {
    const unit = unitOf(prepared)
    if (unit.facts.length === 0) {
      await Promise.all([...unit.streams].map(([stream, { expected }]) => this.#checkVersion(stream, expected)))
      return undefined
    }
    let answer: unknown
    try {
      answer = await asked(this.#place.shown, () =>
        this.#send(unit, prepared).catch((error) => this.#throwConflict(error, unit)),
      )
    } catch (error) {
      const before = error instanceof Conflict ? await this.#writtenBefore(unit, prepared.commandId) : undefined
      if (before === undefined) throw error
      return before
    }
    const told = unit.facts.length === 1 && unit.streams.size === 1 ? toldPosition(answer) : undefined
    if (told !== undefined) return told
    // Of several facts the protocols tell a position in their own ways: the fact itself knows best.
    const stream = this.#lastStream(unit)
    const { expected, count } = unit.streams.get(stream)!
    const {
      events: [last],
    } = await this.#reader.stream(stream, 'forwards', BigInt(expected + count - 1), 1)
    if (!last) throw new Fault('journal.failed', `${this.#place.shown} does not give back what it has just taken`)
    return positionOf(last)
  }

  async #send(unit: Unit, prepared: Prepared): Promise<unknown> {
    const { client } = this.#kurrentdb
    const { prefix } = this.#place
    const events = eventsOf(unit.facts, prepared)
    const [[stream, { expected }] = ['', { expected: 0 }]] = unit.streams
    if (unit.streams.size === 1) {
      const options = { streamState: stateOf(expected), deadline: REQUEST_TIMEOUT_MS }
      return client.appendToStream(prefix + stream, events, options)
    }
    if (this.#capabilities.versionChecks) {
      const records = events.map((record, i) => ({ streamName: prefix + unit.facts[i]!.stream, record }))
      const checks = [...unit.streams].map(([name, writing]) => ({
        type: 'stream_state' as const,
        streamName: prefix + name,
        expectedState: stateOf(writing.expected),
      }))
      return client.appendRecords(records, checks)
    }
    if (!this.#capabilities.multiStream || [...unit.streams.values()].some(({ count }) => count === 0)) {
      throw new Fault('journal.one-stream', 'this server cannot write or check several streams as one unit', {
        next: 'Use KurrentDB 26.1 or later.',
      })
    }
    return client.multiStreamAppend(
      [...unit.streams].map(([name, writing]) => ({
        streamName: prefix + name,
        expectedState: stateOf(writing.expected),
        events: events.filter((_, i) => unit.facts[i]!.stream === name),
      })),
    )
  }

  #throwConflict(error: unknown, unit: Unit): never {
    const { type, streamName, actualState, violations } = error as Record<string, unknown>
    const found =
      type === 'wrong-expected-version'
        ? { streamName, actualState }
        : type === 'append-consistency-violation'
          ? (violations as { streamName: string; actualState: unknown }[])[0]
          : undefined
    if (!found) throw error
    const stream = String(found.streamName).slice(this.#place.prefix.length)
    const actual = typeof found.actualState === 'bigint' && found.actualState >= 0n ? Number(found.actualState) + 1 : 0
    throw new Conflict(stream, unit.streams.get(stream)?.expected ?? 0, actual)
  }

  /** Of the fact that is written last: 25.1 writes stream by stream. */
  #lastStream(unit: Unit): string {
    const isInterleaved = unit.streams.size === 1 || this.#capabilities.versionChecks
    return isInterleaved ? unit.facts.at(-1)!.stream : [...unit.streams.keys()].at(-1)!
  }

  async #checkVersion(stream: string, expected: number): Promise<void> {
    const {
      events: [last],
    } = await this.#reader.stream(stream, 'backwards', 'end', 1)
    const actual = last ? Number(last.revision) + 1 : 0
    if (actual !== expected) throw new Conflict(stream, expected, actual)
  }

  /** A command whose first answer was lost meets its own facts: found behind the version that it expected. */
  async #writtenBefore(unit: Unit, commandId: string | undefined): Promise<Position | undefined> {
    if (commandId === undefined) return undefined
    const stream = this.#lastStream(unit)
    const { expected, count } = unit.streams.get(stream)!
    const index = unit.facts.findLastIndex((fact) => fact.stream === stream)
    const { events: there } = await this.#reader.stream(stream, 'forwards', BigInt(expected + count - 1), 1)
    return there[0]?.id === eventId(commandId, index) ? positionOf(there[0]) : undefined
  }
}

/** Of an append of one fact, when the answer has it as one number. */
const toldPosition = (answer: unknown): Position | undefined => {
  const { position } = answer as AppendResult
  const told = Number(position?.commit ?? -1n)
  return position?.commit === position?.prepare && Number.isSafeInteger(told) && told >= 1 ? told : undefined
}

/** Appends of one stream joined. @throws Conflict when their versions do not follow each other */
const unitOf = ({ appends }: Prepared): Unit => {
  const streams = new Map<string, Writing>()
  for (const { stream, expected, facts } of appends) {
    const writing = streams.get(stream) ?? { expected, count: 0 }
    const reached = writing.expected + writing.count
    if (reached !== expected) throw new Conflict(stream, expected, reached)
    writing.count += facts.length
    streams.set(stream, writing)
  }
  return { streams, facts: appends.flatMap(({ stream, facts }) => facts.map((fact) => ({ ...fact, stream }))) }
}

const stateOf = (expected: number): AppendStreamState => (expected === 0 ? 'no_stream' : BigInt(expected - 1))

import type { AllStreamResolvedEvent, RecordedEvent, StreamingRead } from '@kurrent/kurrentdb-client'
import { Fault } from '../../domain/fault.ts'
import { passes } from './follow.ts'
import { asked, type Kurrentdb } from './kurrentdb-client.ts'
import { positionOf, typeOf } from './kurrentdb-event.ts'
import type { KurrentdbPlace } from './kurrentdb-url.ts'
import type { Filter, Position } from './port.ts'

/** Events in one answer, which ends earlier with the one that reaches so many bytes: a page is held in memory. */
export const PAGE_EVENTS = 500
export const PAGE_BYTES = 8_388_608

/** Events of one answer, their size, and whether nothing was behind them. */
export type Answer = { readonly events: readonly RecordedEvent[]; readonly bytes: number; readonly isEnd: boolean }

/** Those that pass, in the order that was asked for. `last`: the position looked at last. */
export type Page = Answer & { readonly last: Position | undefined }

type Direction = 'forwards' | 'backwards'
/** From behind this position (backwards: from before it); undefined is the beginning (backwards: the end). */
export type LogFrom = { readonly direction: Direction; readonly from: Position | undefined }

/** Reads of one log in a cluster. Only the leader is asked: what it acknowledged, it also gives. */
export class KurrentdbReader {
  readonly #kurrentdb: Kurrentdb
  readonly #place: KurrentdbPlace

  constructor(kurrentdb: Kurrentdb, place: KurrentdbPlace) {
    this.#kurrentdb = kurrentdb
    this.#place = place
  }

  /** @throws Fault */
  async stream(
    stream: string,
    direction: Direction,
    fromRevision: bigint | 'start' | 'end',
    limit: number,
  ): Promise<Answer> {
    const name = this.#place.prefix + stream
    return asked(this.#place.shown, async () => {
      const options = { direction, fromRevision, maxCount: limit, requiresLeader: true }
      try {
        return await taken(this.#kurrentdb.client.readStream(name, options), limit)
      } catch (error) {
        const type = (error as { type?: unknown }).type
        if (type === 'stream-not-found' || type === 'stream-deleted') return NOTHING
        throw error
      }
    })
  }

  /** Up to `limit` events of this log that pass. The server filters by name or by type, and the other one is looked at here. */
  async page({ direction, from }: LogFrom, filter: Filter | undefined, limit: number): Promise<Page> {
    if (filter?.types?.length === 0) return { ...NOTHING, last: undefined }
    const isBack = direction === 'backwards'
    // A read forwards gives the event at its position too, and one backwards does not.
    const count = limit + (isBack || from === undefined ? 0 : 1)
    const { events: read, bytes, isEnd } = await this.#readAll({ direction, from }, filter, count)
    const { prefix } = this.#place
    const events = read.filter(
      (event) =>
        (from === undefined || (isBack ? positionOf(event) < from : positionOf(event) > from)) &&
        event.streamId.startsWith(prefix) &&
        passes(filter, event.streamId.slice(prefix.length), typeOf(event)),
    )
    const last = read.at(-1)
    return { events, bytes, isEnd, last: last && positionOf(last) }
  }

  async #readAll({ direction, from }: LogFrom, filter: Filter | undefined, count: number): Promise<Answer> {
    try {
      return await this.#readFrom({ direction, from }, filter, count)
    } catch (error) {
      // The server begins a read only where a record begins. Every position that was given out is such a place, and another
      // number is found the long way. The client says of both a bad number and a dead server that it is unavailable: so ask.
      if (from === undefined || (error instanceof Fault && error.code === 'journal.access-denied')) throw error
      await this.#readFrom({ direction: 'backwards', from: undefined }, undefined, 1).catch(() => {
        throw error
      })
      return this.#longWay({ direction, from }, filter, count)
    }
  }

  async #readFrom({ direction, from }: LogFrom, filter: Filter | undefined, maxCount: number): Promise<Answer> {
    const isBack = direction === 'backwards'
    const fromPosition =
      from === undefined ? (isBack ? 'end' : 'start') : { commit: BigInt(from), prepare: BigInt(from) }
    const options = {
      direction,
      fromPosition,
      maxCount,
      filter: this.#serverFilter(filter),
      requiresLeader: true,
    } as const
    return asked(this.#place.shown, async () => {
      const all: AsyncIterable<AllStreamResolvedEvent> = this.#kurrentdb.client.readAll(options)
      return taken(all, maxCount)
    })
  }

  /** From the log's beginning, or its end, a page at a time, until `from` has gone by. */
  async #longWay({ direction, from = 0 }: LogFrom, filter: Filter | undefined, count: number): Promise<Answer> {
    const isBack = direction === 'backwards'
    const found: RecordedEvent[] = []
    let bytes = 0
    for (let at: Position | undefined; ; ) {
      const page = await this.#readFrom({ direction, from: at }, filter, PAGE_EVENTS)
      for (const event of page.events) {
        const position = positionOf(event)
        // A page forwards begins with the last one of the page before.
        if (position === at) continue
        at = position
        if (isBack ? position >= from : position <= from) continue
        found.push(event)
        bytes += sizeOf(event)
        if (found.length >= count || bytes >= PAGE_BYTES) return { events: found, bytes, isEnd: false }
      }
      if (page.isEnd) return { events: found, bytes, isEnd: true }
    }
  }

  #serverFilter(filter: Filter | undefined) {
    const { streamNameFilter, eventTypeFilter } = this.#kurrentdb
    if (filter?.streamPrefix !== undefined || filter?.types === undefined) {
      return streamNameFilter({ prefixes: [this.#place.prefix + (filter?.streamPrefix ?? '')] })
    }
    return eventTypeFilter({
      regex: `^(?:${filter.types.map((type) => RegExp.escape(type.toWellFormed())).join('|')})$`,
    })
  }
}

const NOTHING: Answer = { events: [], bytes: 0, isEnd: true }

const sizeOf = ({ data }: RecordedEvent): number => JSON.stringify(data).length

/** What comes, up to `PAGE_BYTES`; the rest is not sent. */
const taken = async (answer: AsyncIterable<{ readonly event?: unknown }>, count: number): Promise<Answer> => {
  const events: RecordedEvent[] = []
  let bytes = 0
  for await (const { event } of answer) {
    if (!event) continue
    events.push(event as RecordedEvent)
    bytes += sizeOf(event as RecordedEvent)
    if (bytes < PAGE_BYTES || events.length === count) continue
    // Its type hides that it is a stream, and to leave the loop does not tell the server.
    await (answer as Partial<StreamingRead<unknown>>).cancel?.()
    return { events, bytes, isEnd: false }
  }
  return { events, bytes, isEnd: events.length < count }
}

import { Fault } from '../../domain/fault.ts'
import { Bell } from './bell.ts'
import { FACT_FORM, type FactForm } from './fact-form.ts'
import { KurrentdbWriter } from './kurrentdb-append.ts'
import { listen } from './kurrentdb-bell.ts'
import { capabilitiesOf, type KurrentdbCapabilities, loadKurrentdb } from './kurrentdb-client.ts'
import { KurrentdbCommands } from './kurrentdb-commands.ts'
import { recordedOf } from './kurrentdb-event.ts'
import { followRemote } from './kurrentdb-follow.ts'
import { KurrentdbReader, type LogFrom, PAGE_EVENTS } from './kurrentdb-read.ts'
import { parseKurrentdbUrl } from './kurrentdb-url.ts'
import { type Filter, type Journal, MAX_READ_BYTES, MAX_READ_FACTS, type Position, type Recorded } from './port.ts'
import { type Prepared, prepare } from './prepared.ts'

/** Units on their way to the server at the same time, and units that wait for their turn: one more is `journal.busy`. */
export const MAX_IN_FLIGHT = 64
export const MAX_WAITING = 65_536

export type KurrentdbJournal = Journal & { readonly capabilities: KurrentdbCapabilities }

/**
 * The event log on a KurrentDB server or cluster, through its official client. Positions are those of the server's whole log:
 * they grow, and are not gapless. Beside the faults of the port: `journal.unavailable` when the server does not answer (an append
 * may be written or not: the same command id makes a repetition safe), `journal.access-denied`, and `journal.one-stream` when an
 * older server cannot do a unit of several streams.
 * @param url see `parseKurrentdbUrl`
 * @throws Fault `journal.no-client`, `journal.bad-address`, `journal.unavailable`, `journal.access-denied`
 */
export const openKurrentdbJournal = async ({
  url,
  form = FACT_FORM,
}: {
  readonly url: string
  readonly form?: FactForm
}): Promise<KurrentdbJournal> => {
  const place = parseKurrentdbUrl(url)
  const kurrentdb = await loadKurrentdb(place)
  const reader = new KurrentdbReader(kurrentdb, place)
  const newest = async (): Promise<Position> => {
    const { last } = await reader.page({ direction: 'backwards', from: undefined }, undefined, 1)
    return last ?? 0
  }
  let capabilities: KurrentdbCapabilities
  let head: Position
  try {
    capabilities = await capabilitiesOf(kurrentdb, place.shown)
    head = await newest()
  } catch (error) {
    await kurrentdb.client.dispose()
    throw error
  }
  const writer = new KurrentdbWriter(kurrentdb, place, reader, capabilities)
  const commands = new KurrentdbCommands(reader, head)
  const bell = new Bell(head)
  const closing = new AbortController()
  let known = head
  const listening = listen({
    kurrentdb,
    place,
    after: head,
    signal: closing.signal,
    heard({ position, commandId }) {
      known = Math.max(known, position)
      commands.remember(commandId, position)
      bell.ring(position)
    },
  })
  const waiting: (() => void)[] = []
  let inFlight = 0
  const writing = new Set<Promise<unknown>>()
  let closed: Promise<void> | undefined

  const open = (): void => {
    if (closed) throw new Fault('journal.closed', 'the journal is closed')
  }

  const write = async (prepared: Prepared): Promise<Position> => {
    const { commandId } = prepared
    const before = commandId === undefined ? undefined : await commands.find(commandId)
    if (before !== undefined) return before
    const position = await writer.write(prepared)
    if (position === undefined) return newest()
    commands.remember(commandId, position)
    known = Math.max(known, position)
    bell.ring(position)
    return position
  }

  /** In the order of arrival, so many at a time. */
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (inFlight >= MAX_IN_FLIGHT) {
      if (waiting.length >= MAX_WAITING) throw new Fault('journal.busy', 'too many commands wait for the server')
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else inFlight += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else inFlight -= 1
    }
  }

  const readLog = async (
    direction: LogFrom['direction'],
    begin: Position | undefined,
    filter: Filter | undefined,
    limit: number,
  ) => {
    const most = Math.max(0, Math.min(limit, MAX_READ_FACTS))
    const found: Recorded[] = []
    let size = 0
    for (let from = begin; found.length < most && size < MAX_READ_BYTES; ) {
      open()
      const { events, bytes, isEnd, last } = await reader.page(
        { direction, from },
        filter,
        Math.min(PAGE_EVENTS, most - found.length),
      )
      found.push(...events.map((event) => recordedOf(event, place.prefix, form)))
      size += bytes
      if (isEnd || last === undefined) break
      from = last
    }
    return found.slice(0, most)
  }

  const readStream = async (direction: LogFrom['direction'], stream: string, begin: bigint | 'end', limit: number) => {
    const found: Recorded[] = []
    let size = 0
    for (
      let from: bigint | 'end' = begin;
      found.length < limit && (limit === Number.POSITIVE_INFINITY || size < MAX_READ_BYTES);
    ) {
      open()
      const count = Math.min(PAGE_EVENTS, limit - found.length)
      const { events, bytes, isEnd } = await reader.stream(stream, direction, from, count)
      found.push(...events.map((event) => recordedOf(event, place.prefix, form)))
      const last = events.at(-1)?.revision
      size += bytes
      if (isEnd || last === undefined || (direction === 'backwards' && last === 0n)) break
      from = direction === 'forwards' ? last + 1n : last - 1n
    }
    return found
  }

  return {
    capabilities,
    async transact(appends, options) {
      open()
      const prepared = prepare(appends, options, form)
      const work = inTurn(() => write(prepared))
      writing.add(work)
      try {
        return await work
      } finally {
        writing.delete(work)
      }
    },
    async read(stream, afterVersion = 0, limit = Number.POSITIVE_INFINITY) {
      open()
      const most = limit === Number.POSITIVE_INFINITY ? limit : Math.min(limit, MAX_READ_FACTS)
      return readStream('forwards', stream, BigInt(Math.max(0, afterVersion)), most)
    },
    async readBackward(stream, beforeVersion = Number.POSITIVE_INFINITY, limit = MAX_READ_FACTS) {
      open()
      if (beforeVersion <= 1) return []
      const begin = Number.isSafeInteger(beforeVersion) ? BigInt(beforeVersion - 2) : 'end'
      return readStream('backwards', stream, begin, Math.min(limit, MAX_READ_FACTS))
    },
    async readAll(after, filter, limit = MAX_READ_FACTS) {
      open()
      return readLog('forwards', after > 0 ? after : undefined, filter, limit)
    },
    async readAllBackward(before, filter, limit = MAX_READ_FACTS) {
      open()
      if (before !== undefined && before <= 1) return []
      return readLog(
        'backwards',
        before !== undefined && Number.isSafeInteger(before) ? before : undefined,
        filter,
        limit,
      )
    },
    follow(after, filter, signal) {
      const scan = async (at: Position) => {
        open()
        // Taken before the page is asked for: the leader gives everything up to there, or it is behind the page.
        const head = known
        const from = at > 0 ? at : undefined
        const { events, isEnd, last } = await reader.page({ direction: 'forwards', from }, filter, PAGE_EVENTS)
        const upTo = Math.max(at, last ?? 0, isEnd ? head : 0)
        return { facts: events.map((event) => recordedOf(event, place.prefix, form)), upTo }
      }
      const beyond = (at: Position, until: AbortSignal) => bell.beyond(at, until)
      return followRemote({ scan, beyond, closing: closing.signal }, after, signal)
    },
    async head() {
      open()
      return newest()
    },
    close() {
      closed ??= (async () => {
        await Promise.allSettled(writing)
        closing.abort()
        bell.ringAll()
        await listening
        await kurrentdb.client.dispose()
      })()
      return closed
    },
  }
}

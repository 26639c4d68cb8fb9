import { setImmediate as turn } from 'node:timers/promises'
import { Fault } from '../../domain/fault.ts'
import { type FactForm, factOf } from './fact-form.ts'
import { followSource } from './follow.ts'
import {
  type Archiving,
  type Filter,
  type Journal,
  MAX_ARCHIVE_STREAMS,
  MAX_READ_BYTES,
  MAX_READ_FACTS,
  type Position,
  type Recorded,
  type Retaining,
  type Retention,
} from './port.ts'
import { checkStream, prepare } from './prepared.ts'
import { type LogRange, PIECE_FACTS, type Piece, type Store, type Stored, type StreamRange } from './store.ts'

/** After everything. */
const END = Number.MAX_SAFE_INTEGER

/** A journal over a store: the one place where facts are checked, sealed and encoded, and where stored ones become facts again. */
export const journalOf = (store: Store, form: FactForm): Journal & Retaining & Archiving => {
  let closing: Promise<void> | undefined
  const breathe = () => store.breathe?.() ?? turn()

  const open = (): Store => {
    if (closing) throw new Fault('journal.closed', 'the journal is closed')
    return store
  }

  const recordedOf = (stored: Stored): Recorded => {
    const { position, stream, version, commandId, correlationId } = stored
    const { fact, personal } = factOf(stored.text, stored, form)
    const recorded = { position, stream, version, fact, commandId, correlationId }
    return personal === undefined ? recorded : { ...recorded, personal }
  }

  /** Takes pieces until there are `limit` facts, too many bytes, or no more. */
  const gather = async (limit: number, next: (left: number, last: Piece | undefined) => Promise<Piece>) => {
    const found: Recorded[] = []
    let bytes = 0
    let piece: Piece | undefined
    while (found.length < limit && (limit === END || bytes < MAX_READ_BYTES)) {
      piece = await next(limit - found.length, piece)
      for (const stored of piece.facts) {
        found.push(recordedOf(stored))
        bytes += stored.text.length
      }
      if (!piece.more) break
      await breathe()
    }
    return found
  }

  const readStream = (range: StreamRange) =>
    gather(range.limit, (limit, last) => open().stream({ ...from(range, last), limit }))

  const readLog = (range: LogRange) =>
    gather(range.limit, (limit, last) => open().scan({ ...from(range, last), limit }))

  const scan = async (after: Position, filter: Filter | undefined) => {
    const range = { after, before: END, filter, limit: PIECE_FACTS, backward: false }
    const { facts, upTo } = await open().scan(range)
    return { facts: facts.map(recordedOf), upTo }
  }

  return {
    async transact(appends, options) {
      open()
      return store.change({ kind: 'transact', transact: prepare(appends, options, form) })
    },
    async read(stream, after = 0, limit = END) {
      return readStream({ stream, after, before: END, limit: limit === END ? END : capped(limit), backward: false })
    },
    async readBackward(stream, before = END, limit = MAX_READ_FACTS) {
      return readStream({ stream, after: 0, before, limit: capped(limit), backward: true })
    },
    async readAll(after, filter, limit = MAX_READ_FACTS) {
      return readLog({ after, before: END, filter, limit: capped(limit), backward: false })
    },
    async readAllBackward(before = END, filter, limit = MAX_READ_FACTS) {
      return readLog({ after: 0, before, filter, limit: capped(limit), backward: true })
    },
    follow: (after, filter, signal) =>
      followSource({ scan, breathe, beyond: (...args) => store.beyond(...args) }, after, filter, signal),
    async head() {
      return open().head()
    },
    async retain(stream, retention) {
      checkStream(stream)
      checkRetention(retention)
      await open().change({ kind: 'retain', stream, retention })
    },
    async tombstone(stream, expected) {
      checkStream(stream)
      await open().change({ kind: 'tombstone', stream, expected })
    },
    async describe(stream) {
      checkStream(stream)
      return open().describe(stream)
    },
    async archive(streams) {
      return open().change({ kind: 'archive', streams: checkStreams(streams) })
    },
    async restore(streams) {
      return open().change({ kind: 'restore', streams: checkStreams(streams) })
    },
    close() {
      closing ??= store.close()
      return closing
    },
  }
}

const capped = (limit: number): number => Math.max(0, Math.min(limit, MAX_READ_FACTS))

const from = <R extends StreamRange | LogRange>(range: R, last: Piece | undefined): R =>
  last === undefined ? range : { ...range, ...(range.backward ? { before: last.upTo } : { after: last.upTo }) }

const checkStreams = (streams: readonly string[]): readonly string[] => {
  if (streams.length > MAX_ARCHIVE_STREAMS) {
    throw new Fault('journal.too-large', `more than ${MAX_ARCHIVE_STREAMS} streams at once`)
  }
  for (const stream of streams) checkStream(stream)
  return [...new Set(streams)]
}

const checkRetention = ({ newest, before }: Retention): void => {
  for (const number of [newest, before]) {
    if (number !== undefined && !(Number.isSafeInteger(number) && number >= 1)) {
      throw new Fault('journal.bad-retention', 'newest and before are numbers from 1')
    }
  }
}

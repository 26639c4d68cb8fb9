import { LEASE_ID, leaseStream } from '../../../domain/ids.ts'
import type { Recorded } from '../../journal/port.ts'
import { builder } from './builder.ts'
import { checkedFirst, noCursor, type Page, type PageArgs, pageArgs, pageFrom } from './connection.ts'
import type { ApiContext } from './context.ts'
import { orderType } from './order.ts'

const LogEntryRef = builder.objectRef<Recorded>('LogEntry')
const LogEntryType = builder.node(LogEntryRef, {
  description: 'A fact of the event log.',
  id: { resolve: ({ stream, version }) => `${stream.slice(leaseStream('').length)}.${version}` },
  loadOne: async (id, { journal }) => {
    const [lease = '', version = ''] = id.split('.')
    if (!LEASE_ID.test(lease) || !VERSION.test(version)) return undefined
    return (await journal.read(leaseStream(lease), Number(version) - 1, 1)).find((it) => `${it.version}` === version)
  },
  fields: (t) => ({
    position: t.expose('position', { type: 'Position' }),
    version: t.exposeInt('version', { description: '1 for the first fact of its stream.' }),
    type: t.string({ description: 'Past tense, dotted: lease.agreed.', resolve: ({ fact }) => fact.type }),
    at: t.field({ type: 'DateTime', resolve: ({ fact }) => fact.at }),
    fact: t.field({ type: 'JSON', resolve: ({ fact }) => fact }),
  }),
})

export const LogConnection = builder.connectionObject(
  { name: 'LogConnection', type: LogEntryType },
  { name: 'LogEdge' },
)

const LogFilter = builder.inputType('LogFilter', {
  fields: (t) => ({ type: t.stringList({ description: 'Types of facts: lease.agreed.' }) }),
})
const LogOrder = orderType('Log', { VERSION: { value: 'version', description: 'As they happened.' } })

export const logArgs = builder.args((t) => ({
  ...pageArgs,
  filter: t.field({ type: LogFilter, required: false }),
  orderBy: t.field({ type: LogOrder, required: false, description: 'Default VERSION, ascending.' }),
}))

type LogArgs = PageArgs & {
  readonly filter?: { readonly type?: readonly string[] | null | undefined } | null | undefined
  readonly orderBy?: { readonly direction: 'ASCENDING' | 'DESCENDING' } | null | undefined
}

/** Facts that are read at a time while a filter is looked for. */
const PIECE = 500
const VERSION = /^[1-9]\d{0,14}$/

/** A page of a lease's facts; a cursor is a version. Only the lease's own stream is read. */
export const leaseLog = async (
  { journal }: ApiContext,
  leaseId: string,
  { filter, orderBy, ...args }: LogArgs,
): Promise<Page<Recorded>> => {
  const first = checkedFirst(args)
  const stream = leaseStream(leaseId)
  const backward = orderBy?.direction === 'DESCENDING'
  const types = filter?.type == null ? undefined : new Set(filter.type)
  const size = types === undefined ? first + 1 : PIECE
  const found: Recorded[] = []
  let at = args.after == null ? undefined : versionOf(args.after)
  while (found.length <= first) {
    const piece = backward ? await journal.readBackward(stream, at, size) : await journal.read(stream, at ?? 0, size)
    if (piece.length === 0) break
    found.push(...piece.filter(({ fact }) => types === undefined || types.has(fact.type)))
    at = piece.at(-1)!.version
  }
  return pageFrom(
    found.slice(0, first).map((recorded) => ({ cursor: `${recorded.version}`, node: recorded })),
    { hasNextPage: found.length > first, hasPreviousPage: args.after != null },
  )
}

const versionOf = (cursor: string): number => {
  if (VERSION.test(cursor)) return Number(cursor)
  throw noCursor()
}

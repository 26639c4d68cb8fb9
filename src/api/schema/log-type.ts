import { GraphQLError } from 'graphql'
import { leaseStream } from '../../../domain/ids.ts'
import type { LeaseRow } from '../../../projections/leases.ts'
import type { Recorded } from '../../journal/port.ts'
import { builder } from './builder.ts'
import { checkedFirst, type Page, type PageArgs, pageFrom } from './connection.ts'
import type { ApiContext } from './context.ts'

export const LogEntryType = builder.objectRef<Recorded>('LogEntry').implement({
  description: 'A fact of the event log.',
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

/** A page of a lease's facts; a cursor is a position. Read from where the lease began, so the log before it costs nothing. */
export const leaseLog = async (
  { journal }: ApiContext,
  row: Pick<LeaseRow, 'id' | 'began'>,
  args: PageArgs,
): Promise<Page<Recorded>> => {
  const first = checkedFirst(args)
  const after = args.after == null ? undefined : positionOf(args.after)
  const from = Math.max(after ?? 0, row.began - 1)
  const found = await journal.readAll(from, { streamPrefix: leaseStream(row.id) }, first + 1)
  return pageFrom(
    found.slice(0, first).map((recorded) => ({ cursor: `${recorded.position}`, node: recorded })),
    { hasNextPage: found.length > first, hasPreviousPage: after !== undefined },
  )
}

const positionOf = (cursor: string): number => {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor)
  throw new GraphQLError('after is no cursor of this connection', { extensions: { code: 'api.bad-input' } })
}

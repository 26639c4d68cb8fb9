import { GraphQLError } from 'graphql'
import { z } from 'zod'
import type { Queried, Where } from '../../projector/port.ts'
import { builder } from './builder.ts'
import type { ApiContext } from './context.ts'
import { untilFresh } from './fresh.ts'

/** Rows of one page at the most. */
export const MAX_FIRST = 100
export const DEFAULT_FIRST = 20

/** The arguments of every connection: forwards by key, so that a page never shifts while the log grows. */
export const pageArgs = builder.args((t) => ({
  first: t.int({ required: true, defaultValue: DEFAULT_FIRST, description: `1 to ${MAX_FIRST}.` }),
  after: t.string({ required: false, description: 'A cursor of this connection; the page begins behind it.' }),
}))

export const freshArg = builder.args((t) => ({
  atLeast: t.field({
    type: 'Position',
    required: false,
    description:
      'Read your own writes: waits up to 2 s until the rows contain this position, else fails with api.stale-read.',
  }),
}))

export type PageArgs = { readonly first: number; readonly after?: string | null | undefined }
export type FreshArg = { readonly atLeast?: number | null | undefined }

export type Page<Row> = {
  readonly edges: { readonly cursor: string; readonly node: Row }[]
  readonly pageInfo: {
    readonly hasNextPage: boolean
    readonly hasPreviousPage: boolean
    readonly startCursor: string | null
    readonly endCursor: string | null
  }
}

/** A page of a table's rows by a column that never changes in a row. */
export const pageOf = async <Row, Column extends string>(
  context: ApiContext,
  table: Queried<Row, Column>,
  args: PageArgs & FreshArg & { readonly oldestFirst?: boolean },
  query: { readonly by: NoInfer<Column>; readonly where: Where<NoInfer<Column>> },
): Promise<Page<Row>> => {
  const first = checkedFirst(args)
  const after = args.after == null ? undefined : readCursor(table.name, args.after)
  await untilFresh(context, args.atLeast)
  const found = context.projector.query(table, {
    where: query.where,
    orderBy: query.by,
    descending: args.oldestFirst !== true,
    ...(after === undefined ? {} : { after }),
    limit: first + 1,
  })
  return pageFrom(
    found.slice(0, first).map(({ sort, id, row }) => ({ cursor: writeCursor([table.name, sort, id]), node: row })),
    { hasNextPage: found.length > first, hasPreviousPage: after !== undefined },
  )
}

export const pageFrom = <Row>(
  edges: Page<Row>['edges'],
  more: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean },
): Page<Row> => ({
  edges,
  pageInfo: { ...more, startCursor: edges[0]?.cursor ?? null, endCursor: edges.at(-1)?.cursor ?? null },
})

/** @throws GraphQLError `api.bad-input` */
export const checkedFirst = ({ first }: PageArgs): number => {
  if (first < 1 || first > MAX_FIRST)
    throw new GraphQLError(`first is ${first}: expected 1 to ${MAX_FIRST}`, { extensions: { code: 'api.bad-input' } })
  return first
}

const MAX_CURSOR_CHARS = 400
const Cursor = z.tuple([z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]), z.string()])

const writeCursor = (cursor: z.infer<typeof Cursor>): string =>
  Buffer.from(JSON.stringify(cursor)).toString('base64url')

const readCursor = (table: string, text: string): [z.infer<typeof Cursor>[1], string] => {
  try {
    if (text.length > MAX_CURSOR_CHARS) throw new RangeError('too long')
    const [name, sort, id] = Cursor.parse(JSON.parse(Buffer.from(text, 'base64url').toString()))
    if (name === table) return [sort, id]
  } catch {
    // Refused below, like the cursor of another connection.
  }
  throw noCursor()
}

export const noCursor = (): GraphQLError =>
  new GraphQLError('after is no cursor of this connection', { extensions: { code: 'api.bad-input' } })

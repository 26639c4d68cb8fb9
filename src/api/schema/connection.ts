import { GraphQLError } from 'graphql'
import { z } from 'zod'
import type { Condition, Queried, Where } from '../../projector/port.ts'
import { builder } from './builder.ts'
import type { ApiContext } from './context.ts'
import { untilFresh } from './fresh.ts'
import type { Order } from './order.ts'

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

/** The arguments of every list of rows, besides its filter and order. */
export const listArgs = { ...pageArgs, ...freshArg }

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

/**
 * A page of a table's rows. A cursor is the place of a row: where the order's key can change, a row that moves meanwhile may be met
 * twice or not at all, and none of the others.
 */
export const pageOf = async <Row, Column extends string>(
  context: ApiContext,
  table: Queried<Row, Column>,
  args: PageArgs & FreshArg,
  { order, where }: { readonly order: Order<NoInfer<Column> | 'position'>; readonly where: Given<NoInfer<Column>> },
): Promise<Page<Row>> => {
  const first = checkedFirst(args)
  const list = [table.name, order.by, order.direction].join(' ')
  const after = args.after == null ? undefined : readCursor(list, args.after)
  await untilFresh(context, args.atLeast, table.name)
  const found = context.projector.query(table, {
    where: Object.fromEntries(Object.entries(where).filter(([, it]) => it !== undefined)) as Where<Column>,
    orderBy: order.by,
    descending: order.direction === 'DESCENDING',
    ...(after === undefined ? {} : { after }),
    limit: first + 1,
  })
  return pageFrom(
    found.slice(0, first).map(({ sort, id, row }) => ({ cursor: writeCursor([list, sort, id]), node: row })),
    { hasNextPage: found.length > first, hasPreviousPage: after !== undefined },
  )
}

type Given<Column extends string> = { readonly [C in Column]?: Condition | undefined }

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

const MAX_CURSOR_CHARS = 800
const Cursor = z.tuple([z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]), z.string()])

const writeCursor = (cursor: z.infer<typeof Cursor>): string =>
  Buffer.from(JSON.stringify(cursor)).toString('base64url')

const readCursor = (list: string, text: string): [z.infer<typeof Cursor>[1], string] => {
  try {
    if (text.length > MAX_CURSOR_CHARS) throw new RangeError('too long')
    const [name, sort, id] = Cursor.parse(JSON.parse(Buffer.from(text, 'base64url').toString()))
    if (name === list) return [sort, id]
  } catch {
    // Refused below, like the cursor of another list or order.
  }
  throw noCursor()
}

export const noCursor = (): GraphQLError =>
  new GraphQLError('after is no cursor of this connection', { extensions: { code: 'api.bad-input' } })

import { setTimeout as delay } from 'node:timers/promises'
import { Fault } from '../../../domain/fault.ts'
import type { Variables } from '../../api/client.ts'
import type { NodeClient } from '../node-client.ts'
import { type Column, fieldsOf, type Output, print, printItem, tableOf } from '../output.ts'
import { openRedrawn } from './redrawn.ts'

/** An item of a feed: something that happened, or how far it is. */
export type FeedItem = {
  readonly __typename: string
  readonly position: string
  readonly leaseId?: string | null
  readonly announcementTxid?: string | null
  readonly txid?: string | null
  readonly hash?: string | null
}

/** Something of a node that is shown as it changes. */
export type Live<Row> = {
  readonly client: NodeClient
  /** A subscription whose field is called `feed`, with the variable `after`. */
  readonly document: string
  readonly variables?: Variables
  /** Which row an item of the feed is about; undefined: none. */
  readonly keyOf: (item: FeedItem) => string | undefined
  /** All that is shown, when the rows contain this position at least. */
  readonly list: (atLeast?: string) => Promise<readonly Row[]>
  /** One row; undefined when it is not, or not any more, among those that are wanted. */
  readonly row: (key: string, atLeast: string) => Promise<Row | undefined>
  readonly columns: readonly Column<Row>[]
  /** Of a single thing: how it is drawn on a terminal, in place of a table with one row. */
  readonly fields?: readonly Column<Row>[]
  /** Whether nothing comes any more. */
  readonly isOver?: (row: Row) => boolean
}

type Flags = { readonly output: Output; readonly after?: string | undefined }

/** Between two pictures, ms: more cannot be read. */
const REDRAW_MS = 200
const IDLE = new Set(['CaughtUp', 'Lagged', 'SnapshotRequired'])

/**
 * Shows what there is, and then each change: on a terminal the table is drawn anew, else there is a line or row for each. A row that
 * changed several times meanwhile is shown once, as it is now. With `after` only what changed behind that position; data carry the
 * position to go on from.
 */
export const watchLive = async <Row extends object>(live: Live<Row>, flags: Flags): Promise<void> => {
  const { client, document, variables } = live
  if (client.isShowing) {
    for await (const _ of client.subscribe(document, { ...variables, after: flags.after ?? null })) return
  }
  const begin = flags.after ?? (await headOf(client))
  const isDrawn = flags.output === 'table' && process.stdout.isTTY === true && process.env['TERM'] !== 'dumb'
  const show = isDrawn ? drawing(live, flags) : writing(live, flags)
  const changed = new Set<string>()
  let newest = begin
  let wake = () => {}
  let end: { error?: unknown } | undefined
  const stop = new AbortController()
  const pump = async (): Promise<void> => {
    const positionOf = ({ feed }: { feed: FeedItem }) => feed.position
    for await (const { feed } of client.subscribe<{ feed: FeedItem }>(
      document,
      { ...variables, after: begin },
      { positionOf, signal: stop.signal },
    )) {
      newest = feed.position
      const key = IDLE.has(feed.__typename) ? undefined : live.keyOf(feed)
      if (key !== undefined) changed.add(key)
      wake()
    }
  }
  try {
    if (await show.first(newest)) return
    pump().then(
      () => {
        end = {}
        wake()
      },
      (error) => {
        end = { error }
        wake()
      },
    )
    for (;;) {
      while (changed.size === 0 && end === undefined)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      if (changed.size === 0) break
      const keys = [...changed]
      changed.clear()
      if (await show.next(keys, newest)) return
    }
    if (end && 'error' in end) throw end.error
  } finally {
    stop.abort()
    show.leave()
  }
}

/** How changes are shown; each step answers whether nothing comes any more. */
type Showing = {
  first(position: string): Promise<boolean>
  next(keys: readonly string[], position: string): Promise<boolean>
  leave(): void
}

const writing = <Row extends object>(live: Live<Row>, { output, after }: Flags): Showing => {
  let widths: readonly number[] = []
  const write = (rows: readonly Row[], position: string): void => {
    if (output !== 'table') {
      for (const row of rows) printItem({ ...row, position }, output)
      return
    }
    const [titles, ...lines] = tableOf(rows, live.columns, widths)
    if (widths.length === 0) {
      print(titles!)
      widths = widthsOf(rows, live.columns)
    }
    for (const line of lines) print(line)
  }
  const isEnd = (rows: readonly Row[]): boolean => live.isOver !== undefined && rows.some(live.isOver)
  return {
    async first(position) {
      if (after !== undefined) return false
      const rows = await fresh(() => live.list(position))
      write(rows, position)
      return isEnd(rows)
    },
    async next(keys, position) {
      const rows: Row[] = []
      for (const key of keys) {
        const row = await fresh(() => live.row(key, position))
        if (row !== undefined) rows.push(row)
      }
      if (rows.length > 0) write(rows, position)
      return isEnd(rows)
    },
    leave() {},
  }
}

const widthsOf = <Row>(rows: readonly Row[], columns: readonly Column<Row>[]): readonly number[] =>
  columns.map((column) => Math.max(...tableOf(rows, [column]).map((line) => line.length)))

const drawing = <Row extends object>(live: Live<Row>, _: Flags): Showing => {
  const picture = openRedrawn(process.stdout)
  const draw = async (position: string): Promise<boolean> => {
    const rows = await fresh(() => live.list(position))
    const lines = live.fields ? rows.flatMap((row) => fieldsOf(row, live.fields!)) : tableOf(rows, live.columns)
    picture.draw([...lines, '', `live, position ${position}; Ctrl-C ends`])
    return live.isOver !== undefined && rows.some(live.isOver)
  }
  return {
    first: draw,
    async next(_, position) {
      const isOver = await draw(position)
      await delay(REDRAW_MS)
      return isOver
    },
    leave: () => picture.leave(),
  }
}

/** Rows may be behind the feed for a moment. */
const fresh = async <T>(read: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'api.stale-read') throw error
    }
  }
}

const headOf = async (client: NodeClient): Promise<string> =>
  (await client.request<{ status: { head: string } }>('{ status { head } }')).status.head

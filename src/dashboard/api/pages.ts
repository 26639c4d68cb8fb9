import { signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { type Document, type ResultOf, textOf, type VariablesOf } from '../graphql.ts'
import { ask } from './ask.ts'
import { asked } from './asked.ts'
import { Fault, unreachable } from './fault.ts'
import { type FeedName, followFeed } from './feed.ts'
import { shownPosition } from './live.ts'

/** Rows of one question: what the API gives at the most. */
export const PAGE = 100
const LEAST_PAUSE_MS = 500
const AFTER_A_FAULT_MS = 2_000

type Connection<Row> = {
  readonly edges: readonly { readonly node: Row }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

/** Of a row: which one it is, and the newest fact in it. */
type Rowed = { readonly id: string; readonly position: string }

export type Pages<Row> = {
  /** All that are loaded, as the API ordered them. */
  readonly rows: { readonly value: readonly Row[] }
  readonly fault: { readonly value: Fault | undefined }
  /** There is more than is loaded. */
  readonly hasMore: { readonly value: boolean }
  /** Some page has come. */
  readonly isThere: { readonly value: boolean }
  /** Loads the next page, if there is one and none is being loaded. */
  more(): void
}

/**
 * A long list, page by page as it is scrolled, and live: what changed since is asked for in the order of change and put in place by id, and
 * rows that are new come first.
 *
 * @param changed the newest change first, without a filter by what may change: asked for when the feed moves, as far back as it did
 * @param fits whether a row that changed passes such a filter still; those that do not are taken away
 */
export const usePages = <D extends Document, Row extends Rowed>(
  document: D,
  variables: Omit<VariablesOf<D>, 'after'>,
  changed: VariablesOf<D>,
  feed: FeedName,
  rowsOf: (answer: ResultOf<D>) => Connection<Row>,
  fits: (row: Row) => boolean,
): Pages<Row> => {
  const key = JSON.stringify([textOf(document), variables])
  const pages = useMemo(() => openPages(document, variables as VariablesOf<D>, changed, feed, rowsOf, fits), [key])
  useEffect(() => pages.begin(), [pages])
  return pages
}

const openPages = <D extends Document, Row extends Rowed>(
  document: D,
  variables: VariablesOf<D>,
  changed: VariablesOf<D>,
  name: FeedName,
  rowsOf: (answer: ResultOf<D>) => Connection<Row>,
  fits: (row: Row) => boolean,
) => {
  const rows = signal<readonly Row[]>([])
  const fault = signal<Fault | undefined>(undefined)
  const hasMore = signal(true)
  const isThere = signal(false)
  let cursor: string | null = null
  let position = -1
  let isEnded = false
  let isLoading = false
  let feed: ReturnType<typeof followFeed> | undefined
  let leave: (() => void) | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  const told = async <T>(question: () => Promise<T>): Promise<T | undefined> => {
    try {
      const answer = await question()
      fault.value = feed?.fault.peek()
      return answer
    } catch (error) {
      fault.value = error instanceof Fault ? error : unreachable()
      return undefined
    }
  }
  const positionOf = (answer: ResultOf<D>): number =>
    Number((answer as { readonly status: { readonly position: string } }).status.position)

  const more = async (): Promise<void> => {
    if (isLoading || isEnded || !hasMore.peek()) return
    isLoading = true
    const answer = await told(() => ask(document, { ...(variables as object), after: cursor } as VariablesOf<D>))
    isLoading = false
    if (isEnded) return
    if (answer === undefined) {
      setTimeout(more, AFTER_A_FAULT_MS)
      return
    }
    const { edges, pageInfo } = rowsOf(answer)
    const known = new Set(rows.peek().map(({ id }) => id))
    rows.value = [...rows.peek(), ...edges.map(({ node }) => node).filter(({ id }) => !known.has(id))]
    cursor = pageInfo.endCursor
    hasMore.value = pageInfo.hasNextPage
    isThere.value = true
    // What changed before the oldest answer is in the rows; what changed later is asked for.
    if (position < 0) follow(positionOf(answer))
  }
  const follow = (at: number): void => {
    position = at
    if (at > shownPosition.peek()) shownPosition.value = at
    const joined = followFeed(name, at)
    feed = joined
    const unlisten = joined.position.subscribe((now) => {
      if (now > position) later(LEAST_PAUSE_MS)
    })
    const unheard = joined.fault.subscribe((told) => {
      fault.value = told
    })
    leave = () => {
      unlisten()
      unheard()
      joined.leave()
    }
  }
  const later = (ms: number): void => {
    timer ??= setTimeout(() => {
      timer = undefined
      void renew()
    }, ms)
  }
  const renew = async (): Promise<void> => {
    if (isEnded) return
    const news = await told(changes)
    if (isEnded) return
    if (news === undefined) return later(AFTER_A_FAULT_MS)
    const { fresh, reached } = news
    const before = rows.peek()
    const known = new Set(before.map(({ id }) => id))
    const added = [...fresh.values()].filter((row) => !known.has(row.id) && Number(row.position) > position)
    rows.value = [...added, ...before.map((row) => fresh.get(row.id) ?? row)].filter(
      (row) => !fresh.has(row.id) || fits(row),
    )
    position = reached
    if (position > shownPosition.peek()) shownPosition.value = position
    // The rows may be behind the log that the feed follows.
    if (feed !== undefined && feed.position.peek() > position) later(LEAST_PAUSE_MS)
  }
  /** What changed behind `position`, page by page. `reached`: of the first page, since what changes meanwhile is told by the feed. */
  const changes = async (): Promise<{ readonly fresh: ReadonlyMap<string, Row>; readonly reached: number }> => {
    const fresh = new Map<string, Row>()
    let reached: number | undefined
    for (let behind: string | null = null; ; ) {
      const answer: ResultOf<D> = await ask(document, { ...(changed as object), after: behind } as VariablesOf<D>)
      reached ??= positionOf(answer)
      const { edges, pageInfo } = rowsOf(answer)
      for (const { node } of edges) if (!fresh.has(node.id)) fresh.set(node.id, node)
      const oldest = edges.at(-1)?.node
      if (isEnded || !pageInfo.hasNextPage || oldest === undefined || Number(oldest.position) <= position)
        return { fresh, reached }
      behind = pageInfo.endCursor
    }
  }
  const begin = (): (() => void) => {
    isEnded = false
    const unasked = asked(document, variables)
    void more()
    return () => {
      isEnded = true
      clearTimeout(timer)
      unasked()
      leave?.()
    }
  }
  return { rows, fault, hasMore, isThere, more: () => void more(), begin }
}

import type { RowsOf } from './table.ts'

/**
 * Spans of history, ms, and how many buckets of each are kept: fine ones for a day, hours for 90 days, days for ten years. Everything
 * goes into one bucket of each span, by the time of its fact, so a coarse bucket is the sum of its fine ones and outlives them.
 */
export const SPANS = {
  minute: { ms: 60_000, kept: 1_440 },
  hour: { ms: 3_600_000, kept: 2_160 },
  day: { ms: 86_400_000, kept: 3_660 },
} as const
export type Span = keyof typeof SPANS

/** A bucket's row. `list` is `<series>:<span>`; `from` its first moment, Unix ms. */
export type Bucket = { readonly list: string; readonly from: number }

export const listOf = (series: string, span: Span): string => `${series}:${span}`

/** Of rows that a fold needs and nobody is shown. */
export const WORK = { list: 'work', from: 0 } as const

export const BUCKET_COLUMNS = {
  list: (row: Bucket): string => row.list,
  from: (row: Bucket): number => row.from,
}

/**
 * Changes the bucket of each span that a moment is in. Buckets stand in a ring of as many rows as are kept: a newer one takes the
 * place of the oldest, and what is older than that is not counted any more.
 */
export const intoBuckets = <Row extends Bucket>(
  rows: Pick<RowsOf<Row>, 'put'> & { get(id: string): Bucket | undefined },
  series: string,
  at: number,
  change: (bucket: Bucket, before: Row | undefined) => Row,
): void => {
  for (const span of Object.keys(SPANS) as Span[]) {
    const { ms, kept } = SPANS[span]
    const number = Math.floor(at / ms)
    const list = listOf(series, span)
    const id = `${list}:${number % kept}`
    const found = rows.get(id)
    const from = number * ms
    if (found !== undefined && found.from > from) continue
    rows.put(id, change({ list, from }, found?.from === from ? (found as Row) : undefined))
  }
}

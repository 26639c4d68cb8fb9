type Series = readonly (readonly [moment: string, value: number | null])[]

/** Series of buckets over the moments that any of them has, ascending: Unix seconds, as plots want them. */
export const alignedBy = (
  ...series: readonly Series[]
): { readonly at: readonly number[]; readonly lines: readonly (readonly (number | null)[])[] } => {
  const found = series.map((one) => new Map(one.map(([moment, value]) => [Date.parse(moment) / 1_000, value])))
  const at = [...new Set(found.flatMap((one) => [...one.keys()]))].sort((a, b) => a - b)
  return { at, lines: found.map((one) => at.map((moment) => one.get(moment) ?? null)) }
}

/** Unix seconds in the person's own time. */
export const showMoment = (at: number): string =>
  new Date(at * 1_000).toLocaleString(undefined, { dateStyle: 'short', timeStyle: 'short' })

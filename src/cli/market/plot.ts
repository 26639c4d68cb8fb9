const BARS = '▁▂▃▄▅▆▇█'

/** A line of bars, one for each value, the highest one full; a gap for what is absent. */
export const sparkline = (values: readonly (number | undefined)[]): string => {
  const most = Math.max(0, ...values.map((value) => value ?? 0))
  return values
    .map((value) => (value === undefined ? ' ' : BARS[most === 0 ? 0 : Math.round((value / most) * (BARS.length - 1))]))
    .join('')
}

/** A bar of `#`, of `width` characters when `value` is `most`; never none for what is something. */
export const bar = (value: number, most: number, width: number): string =>
  '#'.repeat(value <= 0 || most <= 0 ? 0 : Math.max(1, Math.round((value / most) * width)))

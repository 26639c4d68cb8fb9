// Quantities as people read them, on a terminal or a page.

/** 1234567 → `1,234,567`. */
export const showNumber = (value: bigint | number | string): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',')

/** msat as sats, rounded up as bills are. */
export const msatToSats = (msat: bigint | string): bigint => (BigInt(msat) + 999n) / 1_000n

/** Bytes in the largest unit that leaves a whole number, or one decimal. */
export const showSize = (bytes: bigint | number | string): string => {
  const value = Number(bytes)
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = value < 1 ? 0 : Math.min(4, Math.floor(Math.log2(value) / 10))
  const scaled = value / 1_024 ** power
  return `${Number.isInteger(scaled) ? scaled : scaled.toFixed(1)}${units[power]}`
}

/** Seconds in the two largest units that they have: `2d 3h`, `1h 5m`, `40s`. */
export const showTime = (seconds: number): string => {
  const whole = Math.max(0, Math.floor(seconds))
  const parts = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3_600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'm'],
    [whole % 60, 's'],
  ] as const
  const first = parts.findIndex(([count]) => count > 0)
  if (first < 0) return '0s'
  const shown = parts.slice(first, first + 2).filter(([count]) => count > 0)
  return shown.map(([count, unit]) => `${count}${unit}`).join(' ')
}

/** Sats per virtual byte from which each class of fee rates begins; the last has no end. */
export const RATE_CLASSES = [
  0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200, 300, 400, 600, 800, 1_000,
] as const

/** Sats per virtual byte; undefined where the fee is not known. */
export const rateOf = ({
  fee,
  virtualSize,
}: {
  readonly fee?: bigint
  readonly virtualSize: number
}): number | undefined => (fee === undefined ? undefined : Number(fee) / virtualSize)

/** Index of the class that a rate is in. */
export const classOfRate = (rate: number): number => {
  const above = RATE_CLASSES.findIndex((from) => from > rate)
  return (above < 0 ? RATE_CLASSES.length : above) - 1
}

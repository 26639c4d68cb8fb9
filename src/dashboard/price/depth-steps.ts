export type Level = {
  readonly levelMsat: string
  readonly machines: number
  readonly machinesSoFar: number
  readonly cores: number
}

export type Steps = {
  /** Sats, ascending. */
  readonly prices: readonly number[]
  /** Machines that are wanted at that price: by ceilings of as much or more. */
  readonly wanted: readonly number[]
  /** Machines that are offered for that price or less. */
  readonly offered: readonly number[]
}

/**
 * Both sides of a book over the prices that stand in it. For pictures alone: prices are numbers here.
 *
 * @param demand from the highest down
 * @param supply from the lowest up
 */
export const stepsOf = (demand: readonly Level[], supply: readonly Level[]): Steps => {
  const levels = [...new Set([...demand, ...supply].map(({ levelMsat }) => BigInt(levelMsat)))].sort((a, b) =>
    a < b ? -1 : 1,
  )
  const last = (fits: readonly Level[]): number => fits.at(-1)?.machinesSoFar ?? 0
  return {
    prices: levels.map((msat) => Number(msat) / 1_000),
    wanted: levels.map((msat) => last(demand.filter((level) => BigInt(level.levelMsat) >= msat))),
    offered: levels.map((msat) => last(supply.filter((level) => BigInt(level.levelMsat) <= msat))),
  }
}

/** Sats as the decimal number of whole coins that Core's JSON has. Exact: a double holds every amount below 2^53 sats. */
export const toCoins = (sats: bigint): number => Number(sats) / 1e8

/** Core's decimal number of whole coins to sats; rounding undoes the binary fraction and nothing else. */
export const fromCoins = (coins: number): bigint => BigInt(Math.round(coins * 1e8))

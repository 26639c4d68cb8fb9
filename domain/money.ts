/** Thousandths of a sat per sat: prices and running totals are msat, the chain pays sats. */
export const MSAT_PER_SAT = 1000n

/** The smallest P2WPKH output that nodes relay (Bitcoin Core's dust limit at 3 sat/vB), sats. */
export const DUST_SATS = 294n

/** What a voucher must say for a debt in msat: the next whole sat. */
export const satsForMsat = (msat: bigint): bigint => (msat + MSAT_PER_SAT - 1n) / MSAT_PER_SAT

export const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b)
export const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b)

const MOST = BigInt(Number.MAX_SAFE_INTEGER)

/** An amount as a key to sort and filter by: exact up to 2^53 − 1, and that for anything above it. */
export const sortKey = (amount: bigint): number => Number(amount > MOST ? MOST : amount)

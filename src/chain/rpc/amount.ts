/** An amount as Core writes it in JSON: whole coins with eight decimals, never an exponent. */
export type Coins = { readonly rawJSON: string }

// In Node since 21; the types of the language do not have it yet.
const { rawJSON } = JSON as unknown as { rawJSON(text: string): Coins }

const SATS = 100_000_000n

/** Sats, which may be negative, as the decimal number of whole coins that Core's JSON has. */
export const toCoins = (sats: bigint): Coins => {
  const size = sats < 0n ? -sats : sats
  return rawJSON(`${sats < 0n ? '-' : ''}${size / SATS}.${String(size % SATS).padStart(8, '0')}`)
}

/** Core's decimal number of whole coins to sats; rounding undoes the binary fraction and nothing else. */
export const fromCoins = (coins: number): bigint => BigInt(Math.round(coins * 1e8))

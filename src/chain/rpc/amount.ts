import { toCoinText } from '../xencoind/coin-text.ts'

/** An amount as Core writes it in JSON: whole coins with eight decimals, never an exponent. */
export type Coins = { readonly rawJSON: string }

// In Node since 21; the types of the language do not have it yet.
const { rawJSON } = JSON as unknown as { rawJSON(text: string): Coins }

/** Sats, which may be negative, as the decimal number of whole coins that Core's JSON has. */
export const toCoins = (sats: bigint): Coins => rawJSON(toCoinText(sats))

/** Core's decimal number of whole coins to sats; rounding undoes the binary fraction and nothing else. */
export const fromCoins = (coins: number): bigint => BigInt(Math.round(coins * 1e8))

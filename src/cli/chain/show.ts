import { showNumber } from '../quantity.ts'

export const sats = (amount: string | null | undefined): string => (amount == null ? '' : showNumber(amount))

/** Sats per virtual byte, as far as anybody looks. */
export const rate = (value: number | null | undefined): string => (value == null ? '' : value.toFixed(1))

/** Seconds as the largest unit that they fill. */
export const age = (seconds: number): string => {
  if (seconds < 120) return `${Math.floor(seconds)} s`
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)} h` : `${Math.floor(seconds / 86_400)} d`
}

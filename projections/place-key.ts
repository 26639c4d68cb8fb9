/** Places on the chain as text that sorts as they do: digits of a height, of a place in a block, of an output. */
const DIGITS = [10, 7, 7]

export const placeKey = (...numbers: readonly number[]): string =>
  numbers.map((number, i) => String(number).padStart(DIGITS[i]!, '0')).join('.')

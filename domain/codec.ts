import { utf8ToBytes } from '@noble/hashes/utils.js'

/**
 * The one stored and wire form of facts, terms and messages: JSON in which a bigint is `{"$n":"123"}`.
 * Canonical: keys sorted, no white space, so equal values have equal bytes and can be hashed and signed.
 * @throws SyntaxError for what `decode` would not give back: own keys `$n` and `__proto__`, integers of more than 40 digits, numbers
 *   that are not finite, and what is nested too deep or in a circle
 */
export const encode = (value: unknown): string => JSON.stringify(tagged(value, 0))

/** Deeper than anything of ours, and far from what overflows a stack. */
export const MAX_DEPTH = 1_000

/** @throws SyntaxError when `text` is not JSON, is nested too deep to be read, or a tag is not an integer */
export const decode = (text: string): unknown => {
  try {
    return untagged(JSON.parse(text), 0)
  } catch (error) {
    // Some thousands of brackets overflow the stack: a bad text, and no failure of this program.
    throw error instanceof RangeError ? new SyntaxError('codec: nested too deep', { cause: error }) : error
  }
}

export const encodeBytes = (value: unknown): Uint8Array => utf8ToBytes(encode(value))

const tagged = (value: unknown, depth: number): unknown => {
  if (typeof value === 'bigint') return { $n: digitsOf(value, depth) }
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new SyntaxError(`codec: ${value} is no number of JSON`)
  if (typeof value !== 'object' || value === null) return value
  if (depth > MAX_DEPTH) throw new SyntaxError('codec: nested too deep, or in a circle')
  if (Array.isArray(value)) return value.map((item) => tagged(item, depth + 1))
  const source = value as Record<string, unknown>
  const out: Record<string, unknown> = {}
  for (const key of sortedKeys(source)) {
    const item = source[key]
    if (item === undefined) continue
    if (key === '__proto__' || key === '$n') throw new SyntaxError(`codec: ${key} is not allowed as a key`)
    out[key] = typeof item === 'string' ? item : tagged(item, depth + 1)
  }
  return out
}

const sortedKeys = (source: Record<string, unknown>): string[] => {
  const keys = Object.keys(source)
  if (keys.length > 24) return keys.sort()
  // Insertion: what is encoded has few keys, and half of the time of all encoding went to sort() (measured).
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i]!
    let at = i
    for (; at > 0 && keys[at - 1]! > key; at--) keys[at] = keys[at - 1]!
    keys[at] = key
  }
  return keys
}

const MAX_INTEGER = 10n ** 40n

const digitsOf = (integer: bigint, depth: number): string => {
  if (depth > MAX_DEPTH) throw new SyntaxError('codec: nested too deep')
  if (integer >= MAX_INTEGER || integer <= -MAX_INTEGER)
    throw new SyntaxError('codec: an integer of more than 40 digits')
  return integer.toString()
}

/** One way to write each number, or a value and its re-encoding would have different hashes. */
const INTEGER = /^(?:0|-?[1-9]\d{0,39})$/
/** Digits of which any number is a safe integer. */
const SAFE_DIGITS = 15

/**
 * In place: the value was just parsed and is nobody else's. Four times as fast as a reviver, which is called for every leaf. Only what
 * changes is written, and of a tag only the value is looked at: it halved what is not `JSON.parse` (measured).
 */
const untagged = (value: unknown, depth: number): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (depth > MAX_DEPTH) throw new SyntaxError('codec: nested too deep')
  const inner = value as Record<string, unknown>
  const digits = inner['$n']
  if (digits !== undefined) return integer(digits)
  const keys = Object.keys(inner)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    if (key === '__proto__') throw new SyntaxError('codec: __proto__ is not allowed as a key')
    const item = inner[key]
    if (typeof item !== 'object' || item === null) continue
    const plain = untagged(item, depth + 1)
    if (plain !== item) inner[key] = plain
  }
  return value
}

const integer = (digits: unknown): bigint => {
  if (typeof digits !== 'string') throw new SyntaxError('codec: $n is not an integer')
  const small = digits.length <= SAFE_DIGITS ? smallInteger(digits) : undefined
  if (small !== undefined) return BigInt(small)
  if (!INTEGER.test(digits)) throw new SyntaxError('codec: $n is not an integer')
  return BigInt(digits)
}

/** None, or a positive one of few digits, as most are; undefined for anything else. It spares a pattern, and `BigInt` reading a text. */
const smallInteger = (digits: string): number | undefined => {
  if (digits === '0') return 0
  let value = digits.charCodeAt(0) - 48
  if (!(value >= 1 && value <= 9)) return undefined
  for (let i = 1; i < digits.length; i++) {
    const digit = digits.charCodeAt(i) - 48
    if (!(digit >= 0 && digit <= 9)) return undefined
    value = value * 10 + digit
  }
  return value
}

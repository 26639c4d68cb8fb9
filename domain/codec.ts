import { utf8ToBytes } from '@noble/hashes/utils.js'

/**
 * The one stored and wire form of facts, terms and messages: JSON in which a bigint is `{"$n":"123"}`.
 * Canonical: keys sorted, no white space, so equal values have equal bytes and can be hashed and signed.
 */
export const encode = (value: unknown): string => JSON.stringify(tagged(value))

/** @throws SyntaxError when `text` is not JSON, is nested too deep to be read, or a tag is not an integer */
export const decode = (text: string): unknown => {
  try {
    return JSON.parse(text, untag)
  } catch (error) {
    // Some thousands of brackets overflow the stack: a bad text, and no failure of this program.
    throw error instanceof RangeError ? new SyntaxError('codec: nested too deep', { cause: error }) : error
  }
}

export const encodeBytes = (value: unknown): Uint8Array => utf8ToBytes(encode(value))

const tagged = (value: unknown): unknown => {
  if (typeof value === 'bigint') return { $n: value.toString() }
  if (Array.isArray(value)) return value.map(tagged)
  if (typeof value === 'object' && value !== null) {
    const source = value as Record<string, unknown>
    const out: Record<string, unknown> = {}
    for (const key of Object.keys(source).sort()) if (source[key] !== undefined) out[key] = tagged(source[key])
    return out
  }
  return value
}

/** One way to write each number, or a value and its re-encoding would have different hashes. */
const INTEGER = /^(?:0|-?[1-9]\d{0,39})$/

const untag = (key: string, value: unknown): unknown => {
  if (key === '__proto__') throw new SyntaxError('codec: __proto__ is not allowed as a key')
  if (typeof value === 'object' && value !== null && '$n' in value) {
    const digits = (value as { $n: unknown }).$n
    const alone = Object.keys(value).length === 1
    if (!alone || typeof digits !== 'string' || !INTEGER.test(digits))
      throw new SyntaxError('codec: $n is not an integer')
    return BigInt(digits)
  }
  return value
}

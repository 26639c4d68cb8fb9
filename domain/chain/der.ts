import { DecodeError } from './decode-error.ts'

/** Order of secp256k1's group (SEC 2, 2.4.1). */
export const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const HALF_ORDER = CURVE_ORDER >> 1n

/** Strict DER without the hash type byte (BIP 66): 0x30 len 0x02 rlen r 0x02 slen s, integers positive and shortest. */
export const isStrictDer = (bytes: Uint8Array): boolean => {
  if (bytes.length < 8 || bytes.length > 72) return false
  if (bytes[0] !== 0x30 || bytes[1] !== bytes.length - 2) return false
  const sizeR = bytes[3] as number
  if (5 + sizeR >= bytes.length) return false
  const sizeS = bytes[5 + sizeR] as number
  if (sizeR + sizeS + 6 !== bytes.length) return false
  return isInteger(bytes, 2, sizeR) && isInteger(bytes, 4 + sizeR, sizeS)
}

const isInteger = (bytes: Uint8Array, at: number, size: number): boolean => {
  if (bytes[at] !== 0x02 || size === 0) return false
  const first = bytes[at + 2] as number
  if ((first & 0x80) !== 0) return false
  return !(size > 1 && first === 0 && ((bytes[at + 3] as number) & 0x80) === 0)
}

/**
 * A strict DER signature as r‖s, 64 bytes. A number that does not fit its 32 bytes makes the whole zero, which no key verifies.
 *
 * @throws DecodeError `bad-der`
 */
export const derToCompact = (der: Uint8Array): Uint8Array => {
  if (!isStrictDer(der)) throw new DecodeError('bad-der')
  const out = new Uint8Array(64)
  const sizeR = der[3] as number
  const r = unpadded(der.subarray(4, 4 + sizeR))
  const s = unpadded(der.subarray(6 + sizeR))
  if (r.length > 32 || s.length > 32) return out
  out.set(r, 32 - r.length)
  out.set(s, 64 - s.length)
  return out
}

/**
 * The number pairs that Bitcoin took for signatures before BIP 66 (Bitcoin Core pubkey.cpp, ecdsa_signature_parse_der_lax):
 * lengths may be long or wrong, integers negative or padded, bytes may follow. What is strict reads the same here.
 *
 * @returns r‖s; all zero, which no key verifies, where a number does not fit; undefined where two numbers cannot be made out
 */
export const laxDerToCompact = (der: Uint8Array): Uint8Array | undefined => {
  if (der[0] !== 0x30 || der.length < 2) return undefined
  const sizeOfSequence = der[1] as number
  const start = 2 + (sizeOfSequence & 0x80 ? sizeOfSequence & 0x7f : 0)
  const r = laxInteger(der, start)
  const s = r && laxInteger(der, r.end)
  if (r === undefined || s === undefined) return undefined
  const out = new Uint8Array(64)
  if (r.digits.length > 32 || s.digits.length > 32) return out
  out.set(r.digits, 32 - r.digits.length)
  out.set(s.digits, 64 - s.digits.length)
  return out
}

/** Without leading zeros. */
const laxInteger = (der: Uint8Array, at: number): { digits: Uint8Array; end: number } | undefined => {
  if (der[at] !== 0x02 || at + 1 >= der.length) return undefined
  let start = at + 2
  let size = der[at + 1] as number
  if ((size & 0x80) !== 0) {
    let widthBytes = size & 0x7f
    if (widthBytes > der.length - start) return undefined
    for (; widthBytes > 0 && der[start] === 0; widthBytes--) start++
    if (widthBytes >= 4) return undefined
    size = 0
    for (; widthBytes > 0; widthBytes--) size = size * 256 + (der[start++] as number)
  }
  const end = start + size
  if (end > der.length) return undefined
  while (start < end && der[start] === 0) start++
  return { digits: der.subarray(start, end), end }
}

const unpadded = (integer: Uint8Array): Uint8Array => (integer[0] === 0 ? integer.subarray(1) : integer)

/** r‖s as strict DER. */
export const compactToDer = (compact: Uint8Array): Uint8Array => {
  if (compact.length !== 64) throw new RangeError('a compact signature is 64 bytes')
  const r = integerOf(compact.subarray(0, 32))
  const s = integerOf(compact.subarray(32))
  return Uint8Array.from([0x30, r.length + s.length + 4, 0x02, r.length, ...r, 0x02, s.length, ...s])
}

const integerOf = (bytes: Uint8Array): Uint8Array => {
  let at = 0
  while (at < 31 && bytes[at] === 0) at++
  const shortest = bytes.subarray(at)
  return ((shortest[0] as number) & 0x80) === 0 ? shortest : Uint8Array.from([0, ...shortest])
}

const bigOf = (bytes: Uint8Array): bigint => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)

/** BIP 62 rule 5: s in the lower half. Every signature has a twin with the other s; policy lets only the low one pass. */
export const isLowS = (compact: Uint8Array): boolean => {
  // The upper half of the group begins just below 2²⁵⁵: nearly all answers need one byte.
  const first = compact[32] as number
  if (first !== 0x7f) return first < 0x7f
  return bigOf(compact.subarray(32)) <= HALF_ORDER
}

/** The same signature with a low s; one whose s is no scalar is left as it is. */
export const withLowS = (compact: Uint8Array): Uint8Array => {
  if (isLowS(compact)) return compact
  const s = bigOf(compact.subarray(32))
  if (s >= CURVE_ORDER) return compact
  const out = Uint8Array.from(compact)
  let low = CURVE_ORDER - s
  for (let i = 63; i >= 32; i--) {
    out[i] = Number(low & 0xffn)
    low >>= 8n
  }
  return out
}

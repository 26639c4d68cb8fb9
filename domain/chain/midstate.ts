import type { BlockHeader } from './block.ts'
import { encodeHeader } from './codec.ts'

// SHA-256 (FIPS 180-4) for one question only: which nonce gives a header a small hash? The first 64 of its 80 bytes are hashed
// once (the midstate), and of the second hash only the word that is compared first is made.

/** Round constants and initial state (FIPS 180-4, 4.2.2 and 5.3.3). */
export const K = Int32Array.of(
  ...[0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5],
  ...[0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174],
  ...[0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da],
  ...[0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967],
  ...[0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85],
  ...[0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070],
  ...[0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3],
  ...[0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2],
)
export const INITIAL = Int32Array.of(
  ...[0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19],
)
/** What follows a message of 80 bytes, and one of 32, up to the end of its last block of 64. */
export const END_OF_MESSAGE = 0x80000000 | 0
export const HEADER_BITS = 640
export const HASH_BITS = 256

const ROUNDS = 64

/** One compression, or only its first rounds: `state` and the schedule `w`, whose first 16 words are the block. */
const compress = (state: Int32Array, w: Int32Array, rounds = ROUNDS): void => {
  for (let i = 16; i < rounds; i++) {
    const x = w[i - 15]!
    const y = w[i - 2]!
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
    w[i] = (w[i - 16]! + s0 + w[i - 7]! + s1) | 0
  }
  let a = state[0]!
  let b = state[1]!
  let c = state[2]!
  let d = state[3]!
  let e = state[4]!
  let f = state[5]!
  let g = state[6]!
  let h = state[7]!
  for (let i = 0; i < rounds; i++) {
    const big1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const t1 = (h + big1 + ((e & f) ^ (~e & g)) + K[i]! + w[i]!) | 0
    const big0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    const t2 = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + t2) | 0
  }
  state[0] = (state[0]! + a) | 0
  state[1] = (state[1]! + b) | 0
  state[2] = (state[2]! + c) | 0
  state[3] = (state[3]! + d) | 0
  state[4] = (state[4]! + e) | 0
  state[5] = (state[5]! + f) | 0
  state[6] = (state[6]! + g) | 0
  state[7] = (state[7]! + h) | 0
}

/** What does not change with the nonce: the state after 64 bytes, and the three words before the nonce. */
export type Midstate = { readonly state: Int32Array; readonly tail: Int32Array }

export const midstateOf = (header: BlockHeader): Midstate => {
  const view = new DataView(encodeHeader(header).buffer)
  const w = new Int32Array(ROUNDS)
  for (let i = 0; i < 16; i++) w[i] = view.getInt32(4 * i)
  const state = Int32Array.from(INITIAL)
  compress(state, w)
  return { state, tail: Int32Array.of(view.getInt32(64), view.getInt32(68), view.getInt32(72)) }
}

const swap = (x: number): number => ((x << 24) | ((x & 0xff00) << 8) | ((x >>> 8) & 0xff00) | (x >>> 24)) >>> 0

/**
 * Looks for a nonce whose hash has at most `most` as its highest 32 bits.
 *
 * @returns the first such nonce from `from` on; undefined when none of `tries` is one
 */
export const scanNonces = (
  { state, tail }: Midstate,
  most: number,
  from: number,
  tries: number,
): number | undefined => {
  const first = new Int32Array(ROUNDS)
  const second = new Int32Array(ROUNDS)
  const inner = new Int32Array(8)
  const outer = new Int32Array(8)
  const end = Math.min(from + tries, 0x1_0000_0000)
  for (let nonce = from; nonce < end; nonce++) {
    first.set(tail)
    first[3] = swap(nonce)
    first[4] = END_OF_MESSAGE
    for (let i = 5; i < 15; i++) first[i] = 0
    first[15] = HEADER_BITS
    inner.set(state)
    compress(inner, first)
    second.set(inner)
    second[8] = END_OF_MESSAGE
    for (let i = 9; i < 15; i++) second[i] = 0
    second[15] = HASH_BITS
    outer.set(INITIAL)
    // The last word of the hash, which is compared first, is what the fifth was three rounds before the end.
    compress(outer, second, ROUNDS - 3)
    if (swap((outer[4]! - INITIAL[4]! + INITIAL[7]!) | 0) <= most) return nonce
  }
  return undefined
}

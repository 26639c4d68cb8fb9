import type { BlockHeader } from './block.ts'
import { encodeHeader } from './codec.ts'
import { compress, END_OF_MESSAGE, expand, HASH_BITS, HEADER_BITS, INITIAL, ROUNDS, rounds } from './sha256.ts'

// One question only: which nonce gives a header a small hash? The first 64 of its 80 bytes are hashed once (the midstate), and of
// the second hash only the word that is compared first is made.

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

/** Rounds of the second half, and words of its schedule, that the nonce, its word 3, has no part in. */
const BEFORE_NONCE = 3
const WORDS_BEFORE_NONCE = 18
/** The last word of a hash, which is compared first, is what the fifth was three rounds before the end. */
const UNTIL_LAST_WORD = ROUNDS - 3

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
  first.set(tail)
  first[4] = END_OF_MESSAGE
  first[15] = HEADER_BITS
  const begun = Int32Array.from(state)
  rounds(begun, first, 0, BEFORE_NONCE)
  expand(first, 16, WORDS_BEFORE_NONCE)
  const second = new Int32Array(ROUNDS)
  second[8] = END_OF_MESSAGE
  second[15] = HASH_BITS
  const work = new Int32Array(8)
  const end = Math.min(from + tries, 0x1_0000_0000)
  for (let nonce = from; nonce < end; nonce++) {
    first[3] = swap(nonce)
    expand(first, WORDS_BEFORE_NONCE)
    work.set(begun)
    rounds(work, first, BEFORE_NONCE)
    for (let i = 0; i < 8; i++) second[i] = (work[i]! + state[i]!) | 0
    expand(second, 16, UNTIL_LAST_WORD)
    work.set(INITIAL)
    rounds(work, second, 0, UNTIL_LAST_WORD)
    if (swap((work[4]! + INITIAL[7]!) | 0) <= most) return nonce
  }
  return undefined
}

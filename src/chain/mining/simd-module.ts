import { END_OF_MESSAGE, HASH_BITS, HEADER_BITS, INITIAL, K } from '../../../domain/chain/sha256.ts'
import { body, type Code, name, section, TYPE, vector, wasm } from './wasm-code.ts'

// A WebAssembly module that hashes four headers at a time, written at start: its 128 rounds are the same four lines with other
// registers, and a file of them would be a program that nobody could read.
//
//   memory  0: midstate, 8 words · 32: the three words before the nonce
//   scan(from: i32, fours: i32, most: i32) → i64: the first nonce of that many fours, at least one, whose hash has at most
//          `most` as its highest 32 bits; or −1

export const STATE_AT = 0
export const TAIL_AT = 32

const { v } = wasm
const FROM = 0
const FOURS = 1
const MOST = 2
/** The first of the registers for the sixteen words of the schedule, and for the eight of the state. */
const W = 3
const STATE = W + 16
const SCRATCH = STATE + 8
const V128_LOCALS = 16 + 8 + 1
const ROUNDS = 64

const rotated = (register: number, bits: number): Code => [
  ...[...wasm.get(register), ...wasm.i32(bits), ...v.shiftRight],
  ...[...wasm.get(register), ...wasm.i32(32 - bits), ...v.shiftLeft, ...v.or],
]
const mixed = (register: number, a: number, b: number, last: Code): Code => [
  ...[...rotated(register, a), ...rotated(register, b), ...v.xor],
  ...[...last, ...v.xor],
]
const shifted = (register: number, bits: number): Code => [...wasm.get(register), ...wasm.i32(bits), ...v.shiftRight]

/** The word of round `i` put where that of sixteen rounds before was. */
const nextWord = (i: number): Code => {
  const at = (back: number) => W + ((i - back) & 15)
  return [
    ...[...wasm.get(at(16)), ...mixed(at(15), 7, 18, shifted(at(15), 3)), ...v.add],
    ...[...wasm.get(at(7)), ...v.add, ...mixed(at(2), 17, 19, shifted(at(2), 10)), ...v.add],
    ...wasm.set(at(16)),
  ]
}

/** Registers of a, b, … h in round `i`: instead of moving eight values on, each round calls them by other names. */
const letters = (i: number) => (letter: number) => STATE + ((letter - i) & 7)

const round = (i: number): Code => {
  const at = letters(i)
  const [a, b, c, d, e, f, g, h] = [0, 1, 2, 3, 4, 5, 6, 7].map(at) as [
    ...[number, number, number, number],
    ...[number, number, number, number],
  ]
  return [
    ...(i >= 16 ? nextWord(i) : []),
    ...[...wasm.get(h), ...mixed(e, 6, 11, rotated(e, 25)), ...v.add],
    ...[...wasm.get(f), ...wasm.get(g), ...wasm.get(e), ...v.select, ...v.add],
    ...[...v.constant(K[i]!), ...v.add, ...wasm.get(W + (i & 15)), ...v.add, ...wasm.set(SCRATCH)],
    ...[...wasm.get(d), ...wasm.get(SCRATCH), ...v.add, ...wasm.set(d)],
    ...[...wasm.get(SCRATCH), ...mixed(a, 2, 13, rotated(a, 22)), ...v.add],
    // The majority of three bits is the third where the first two differ, else the first.
    ...[...wasm.get(c), ...wasm.get(a), ...wasm.get(a), ...wasm.get(b), ...v.xor, ...v.select, ...v.add],
    ...wasm.set(h),
  ]
}

const rounds = (count: number): Code => Array.from({ length: count }, (_, i) => round(i)).flat()
const swapBytes: Code = [
  ...[...wasm.tee(SCRATCH), ...wasm.get(SCRATCH)],
  ...v.shuffle([3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12]),
]

/** Fills the schedule from `from` on: the end mark, zeros, and the length. */
const padded = (from: number, bits: number): Code =>
  Array.from({ length: 16 - from }, (_, i) => {
    const word = i === 0 ? END_OF_MESSAGE : from + i === 15 ? bits : 0
    return [...v.constant(word), ...wasm.set(W + from + i)]
  }).flat()

const eight = (make: (i: number) => Code): Code => Array.from({ length: 8 }, (_, i) => make(i)).flat()

/** The second half of four headers, from the midstate to the words of the first hash in the schedule. */
const firstHash: Code = [
  ...[0, 1, 2].flatMap((i) => [...v.loadSplat(TAIL_AT + 4 * i), ...wasm.set(W + i)]),
  ...[...wasm.get(FROM), ...v.splat, ...v.lanes(0, 1, 2, 3), ...v.add, ...swapBytes, ...wasm.set(W + 3)],
  ...padded(4, HEADER_BITS),
  ...eight((i) => [...v.loadSplat(STATE_AT + 4 * i), ...wasm.set(STATE + i)]),
  ...rounds(ROUNDS),
  ...eight((i) => [...wasm.get(STATE + i), ...v.loadSplat(STATE_AT + 4 * i), ...v.add, ...wasm.set(W + i)]),
]

/** Leaves on the stack which lanes are small enough. The last word is what the fifth was three rounds before the end. */
const secondHash: Code = [
  ...padded(8, HASH_BITS),
  ...eight((i) => [...v.constant(INITIAL[i]!), ...wasm.set(STATE + i)]),
  ...rounds(ROUNDS - 3),
  ...[...wasm.get(letters(ROUNDS - 3)(4)), ...v.constant(INITIAL[7]!), ...v.add, ...swapBytes],
  ...[...wasm.get(MOST), ...v.splat, ...v.lessOrEqualUnsigned],
]

const scan: Code = [
  ...wasm.loop([
    ...firstHash,
    ...secondHash,
    ...[...wasm.tee(SCRATCH), ...v.anyTrue],
    ...wasm.if([
      ...[...wasm.get(FROM), ...wasm.toI64, ...wasm.get(SCRATCH), ...v.signs, ...wasm.countTrailingZeros],
      ...[...wasm.toI64, ...wasm.addI64, ...wasm.return],
    ]),
    ...[...wasm.get(FROM), ...wasm.i32(4), ...wasm.add, ...wasm.set(FROM)],
    ...[...wasm.get(FOURS), ...wasm.i32(-1), ...wasm.add, ...wasm.tee(FOURS), ...wasm.branchIf(0)],
  ]),
  ...wasm.i64(-1),
]

/** The module's bytes; about 30 kB. */
export const simdModule = (): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector([[TYPE.function, ...vector([[TYPE.i32], [TYPE.i32], [TYPE.i32]]), ...vector([[TYPE.i64]])]])),
    ...section(3, vector([[0]])),
    ...section(5, vector([[0x00, 1]])),
    ...section(
      7,
      vector([
        [...name('memory'), 0x02, 0],
        [...name('scan'), 0x00, 0],
      ]),
    ),
    ...section(10, vector([body([[V128_LOCALS, TYPE.v128]], scan)])),
  ])

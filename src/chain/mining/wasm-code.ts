/** The part of WebAssembly's binary format (core specification 3, chapter 5) that `simd-module.ts` writes with. */
export type Code = number[]

export const unsigned = (value: number): Code => {
  const bytes: Code = []
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest]
    bytes.push((rest & 0x7f) | 0x80)
  }
}

/** @param value 32 bits, signed */
export const signed = (value: number): Code => {
  const bytes: Code = []
  for (let rest = value; ; rest >>= 7) {
    const low = rest & 0x7f
    if ((rest >> 7 === 0 && (low & 0x40) === 0) || (rest >> 7 === -1 && (low & 0x40) !== 0)) return [...bytes, low]
    bytes.push(low | 0x80)
  }
}

const sized = (content: Code): Code => [...unsigned(content.length), ...content]
export const section = (id: number, content: Code): Code => [id, ...sized(content)]
export const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()]
export const body = (locals: readonly Code[], code: Code): Code => sized([...vector(locals), ...code, END])
export const name = (text: string): Code => sized([...new TextEncoder().encode(text)])

export const TYPE = { i32: 0x7f, i64: 0x7e, v128: 0x7b, none: 0x40, function: 0x60 } as const
export const END = 0x0b

const simd = (op: number, ...rest: number[]): Code => [0xfd, ...unsigned(op), ...rest]
const words = (word: number): Code => [word, word >>> 8, word >>> 16, word >>> 24].map((byte) => byte & 0xff)

/** Instructions by their names in the text format. */
export const wasm = {
  get: (local: number): Code => [0x20, ...unsigned(local)],
  set: (local: number): Code => [0x21, ...unsigned(local)],
  tee: (local: number): Code => [0x22, ...unsigned(local)],
  loop: (inside: Code): Code => [0x03, TYPE.none, ...inside, END],
  if: (inside: Code): Code => [0x04, TYPE.none, ...inside, END],
  branchIf: (depth: number): Code => [0x0d, depth],
  return: [0x0f] as Code,
  i32: (value: number): Code => [0x41, ...signed(value)],
  i64: (value: number): Code => [0x42, ...signed(value)],
  add: [0x6a] as Code,
  countTrailingZeros: [0x68] as Code,
  toI64: [0xad] as Code,
  addI64: [0x7c] as Code,
  v: {
    /** A word of memory, in all four lanes. */
    loadSplat: (address: number): Code => [...wasm.i32(0), ...simd(0x09, 2, ...unsigned(address))],
    splat: simd(0x11),
    constant: (word: number): Code => simd(0x0c, ...[word, word, word, word].flatMap(words)),
    lanes: (a: number, b: number, c: number, d: number): Code => simd(0x0c, ...[a, b, c, d].flatMap(words)),
    shuffle: (lanes: readonly number[]): Code => simd(0x0d, ...lanes),
    add: simd(0xae),
    or: simd(0x50),
    xor: simd(0x51),
    /** Bits of the first where the third has ones, else of the second. */
    select: simd(0x52),
    anyTrue: simd(0x53),
    shiftLeft: simd(0xab),
    shiftRight: simd(0xad),
    lessOrEqualUnsigned: simd(0x3e),
    signs: simd(0xa4),
  },
} as const

// SHA-256 (FIPS 180-4) for the short messages that a chain is made of. The library's own makes an object and a view of its memory for each
// message, which costs more than hashing it: checking a payment spent a third of its time there.

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

export const ROUNDS = 64

const big0 = (a: number): number => ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
const big1 = (e: number): number => ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))

/** Makes the words of the schedule `w` from `from` (16 at least) to before `to` out of those before them; each is read once. */
export const expand = (w: Int32Array, from = 16, to = ROUNDS): void => {
  let u = w[from - 16]!
  let y = w[from - 2]!
  let z = w[from - 1]!
  for (let i = from; i < to; i++) {
    const x = w[i - 15]!
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
    const next = (u + s0 + w[i - 7]! + s1) | 0
    w[i] = next
    u = x
    y = z
    z = next
  }
}

/**
 * The rounds from `from` to before `to` on the eight words of `state`, without adding up at the end. Eight of them stand written out: the
 * words change their names instead of moving.
 */
export const rounds = (state: Int32Array, w: Int32Array, from = 0, to = ROUNDS): void => {
  let a = state[0]!
  let b = state[1]!
  let c = state[2]!
  let d = state[3]!
  let e = state[4]!
  let f = state[5]!
  let g = state[6]!
  let h = state[7]!
  let t = 0
  let i = from
  for (; i <= to - 8; i += 8) {
    t = (h + big1(e) + (g ^ (e & (f ^ g))) + K[i]! + w[i]!) | 0
    d = (d + t) | 0
    h = (t + big0(a) + ((a & (b | c)) | (b & c))) | 0
    t = (g + big1(d) + (f ^ (d & (e ^ f))) + K[i + 1]! + w[i + 1]!) | 0
    c = (c + t) | 0
    g = (t + big0(h) + ((h & (a | b)) | (a & b))) | 0
    t = (f + big1(c) + (e ^ (c & (d ^ e))) + K[i + 2]! + w[i + 2]!) | 0
    b = (b + t) | 0
    f = (t + big0(g) + ((g & (h | a)) | (h & a))) | 0
    t = (e + big1(b) + (d ^ (b & (c ^ d))) + K[i + 3]! + w[i + 3]!) | 0
    a = (a + t) | 0
    e = (t + big0(f) + ((f & (g | h)) | (g & h))) | 0
    t = (d + big1(a) + (c ^ (a & (b ^ c))) + K[i + 4]! + w[i + 4]!) | 0
    h = (h + t) | 0
    d = (t + big0(e) + ((e & (f | g)) | (f & g))) | 0
    t = (c + big1(h) + (b ^ (h & (a ^ b))) + K[i + 5]! + w[i + 5]!) | 0
    g = (g + t) | 0
    c = (t + big0(d) + ((d & (e | f)) | (e & f))) | 0
    t = (b + big1(g) + (a ^ (g & (h ^ a))) + K[i + 6]! + w[i + 6]!) | 0
    f = (f + t) | 0
    b = (t + big0(c) + ((c & (d | e)) | (d & e))) | 0
    t = (a + big1(f) + (h ^ (f & (g ^ h))) + K[i + 7]! + w[i + 7]!) | 0
    e = (e + t) | 0
    a = (t + big0(b) + ((b & (c | d)) | (c & d))) | 0
  }
  for (; i < to; i++) {
    t = (h + big1(e) + (g ^ (e & (f ^ g))) + K[i]! + w[i]!) | 0
    const u = (t + big0(a) + ((a & (b | c)) | (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + t) | 0
    d = c
    c = b
    b = a
    a = u
  }
  state[0] = a
  state[1] = b
  state[2] = c
  state[3] = d
  state[4] = e
  state[5] = f
  state[6] = g
  state[7] = h
}

const before = new Int32Array(8)

/** One compression of the block that is in the first 16 words of `w`. */
export const compress = (state: Int32Array, w: Int32Array): void => {
  before.set(state)
  expand(w)
  rounds(state, w)
  for (let i = 0; i < 8; i++) state[i] = (state[i]! + before[i]!) | 0
}

const BLOCK_BYTES = 64
/** After the last byte: its end mark, and eight bytes for the length. */
const LEAST_PADDING_BYTES = 9

// One message at a time is hashed, and never halfway: what it works with can be kept.
const state = new Int32Array(8)
const schedule = new Int32Array(ROUNDS)
const last = new Uint8Array(2 * BLOCK_BYTES)

const takeBlock = (bytes: Uint8Array, at: number): void => {
  for (let i = 0, b = at; i < 16; i++, b += 4) {
    schedule[i] = (bytes[b]! << 24) | (bytes[b + 1]! << 16) | (bytes[b + 2]! << 8) | bytes[b + 3]!
  }
  compress(state, schedule)
}

/** The rest of a message whose first `before` bytes, whole blocks, are in `state`. */
const finish = (bytes: Uint8Array, before: number): Uint8Array => {
  const size = bytes.length
  const rest = size % BLOCK_BYTES
  for (let at = 0; at < size - rest; at += BLOCK_BYTES) takeBlock(bytes, at)
  last.fill(0)
  for (let i = 0; i < rest; i++) last[i] = bytes[size - rest + i]!
  last[rest] = 0x80
  const end = rest + LEAST_PADDING_BYTES <= BLOCK_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES
  const bits = (before + size) * 8
  for (let i = 0, high = Math.floor(bits / 0x1_0000_0000); i < 4; i++) {
    last[end - 8 + i] = high >>> (24 - 8 * i)
    last[end - 4 + i] = bits >>> (24 - 8 * i)
  }
  for (let at = 0; at < end; at += BLOCK_BYTES) takeBlock(last, at)
  const out = new Uint8Array(32)
  for (let i = 0; i < 8; i++) {
    const word = state[i]!
    out[4 * i] = word >>> 24
    out[4 * i + 1] = word >>> 16
    out[4 * i + 2] = word >>> 8
    out[4 * i + 3] = word
  }
  return out
}

/** 32 bytes. */
export const sha256 = (bytes: Uint8Array): Uint8Array => {
  state.set(INITIAL)
  return finish(bytes, 0)
}

/** Hashes messages that all begin with `head`, whose whole blocks are hashed once. @returns the hash of `head` and `tail`, 32 bytes */
export const sha256After = (head: Uint8Array): ((tail: Uint8Array) => Uint8Array) => {
  state.set(INITIAL)
  const before = head.length - (head.length % BLOCK_BYTES)
  for (let at = 0; at < before; at += BLOCK_BYTES) takeBlock(head, at)
  const begun = state.slice()
  const rest = head.slice(before)
  return (tail) => {
    const bytes = new Uint8Array(rest.length + tail.length)
    bytes.set(rest)
    bytes.set(tail, rest.length)
    state.set(begun)
    return finish(bytes, before)
  }
}

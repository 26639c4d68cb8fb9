import { createHash } from 'node:crypto'
import type { Clock } from '../clock/port.ts'

/** How long one test runs at a time, and how often; the best run counts, since whatever disturbs a run only makes it slower. */
export const RUN_MS = 40
export const RUNS = 3

/** Work per second of one core; higher is better. Named after what is done, so that marks of different nodes compare. */
export const measureMarks = (clock: Clock): Readonly<Record<string, number>> => ({
  int: best(clock, integerWork, INTEGER_STEPS),
  sha256: best(clock, hashWork, HASHES * HASHED_BYTES),
  matmul: best(clock, matrixWork, 2 * SIDE ** 3),
})

const best = (clock: Clock, work: () => void, units: number): number => {
  let fastest = 0
  for (let run = 0; run < RUNS; run++) {
    const began = clock.steadyUs()
    let rounds = 0
    let tookUs = 0
    do {
      work()
      rounds++
      tookUs = clock.steadyUs() - began
    } while (tookUs < RUN_MS * 1000)
    fastest = Math.max(fastest, Math.round((rounds * units * 1_000_000) / tookUs))
  }
  return fastest
}

const INTEGER_STEPS = 100_000
let state = 1
/** xorshift32: dependent integer steps that cannot be folded away. */
const integerWork = (): void => {
  let x = state
  for (let i = 0; i < INTEGER_STEPS; i++) {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
  }
  state = x | 1
}

const HASHES = 16
const HASHED_BYTES = 65_536
const input = new Uint8Array(HASHED_BYTES)
const hashWork = (): void => {
  for (let i = 0; i < HASHES; i++) createHash('sha256').update(input).digest()
}

const SIDE = 64
const a = new Float64Array(SIDE * SIDE).fill(1.5)
const b = new Float64Array(SIDE * SIDE).fill(0.5)
const product = new Float64Array(SIDE * SIDE)
const matrixWork = (): void => {
  for (let i = 0; i < SIDE; i++) {
    for (let j = 0; j < SIDE; j++) {
      let sum = 0
      for (let k = 0; k < SIDE; k++) sum += a[i * SIDE + k]! * b[k * SIDE + j]!
      product[i * SIDE + j] = sum
    }
  }
}

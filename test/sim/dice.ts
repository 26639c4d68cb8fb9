import type { Random } from '../../src/random/port.ts'

/** Randomness that a seed decides: sfc32 (Chris Doty-Humphrey, PractRand), begun with the FNV-1a hashes of the seed's text. */
export class Dice implements Random {
  #a: number
  #b: number
  #c: number
  #count = 1
  readonly #seed: string

  constructor(seed: string) {
    this.#seed = seed
    this.#a = fnv1a(`a${seed}`)
    this.#b = fnv1a(`b${seed}`)
    this.#c = fnv1a(`c${seed}`)
    for (let i = 0; i < 12; i++) this.next()
  }

  /** Dice of their own, so that what one part throws changes nothing for the others. */
  fork(name: string): Dice {
    return new Dice(`${this.#seed}/${name}`)
  }

  /** 32 bits. */
  next(): number {
    const sum = (this.#a + this.#b + this.#count++) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** From 0 up to, not including, 1. */
  float(): number {
    return this.next() / 2 ** 32
  }

  /** A whole number, both ends included. */
  int(least: number, most: number): number {
    return least + Math.floor(this.float() * (most - least + 1))
  }

  chance(of: number): boolean {
    return this.float() < of
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(0, list.length - 1)] as T
  }

  /** Exponentially distributed, as the times between independent events are. */
  around(mean: number): number {
    return -Math.log(1 - this.float()) * mean
  }

  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count)
    for (let at = 0; at < count; at++) bytes[at] = this.next() >>> 24
    return bytes
  }
}

const fnv1a = (text: string): number => {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash
}

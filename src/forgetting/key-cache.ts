import { KEY_BYTES } from './sealed-text.ts'
import { sodium } from './sodium.ts'

/** Keys kept in memory; the one unused for longest goes first, and is overwritten. */
export const KEYS_KEPT = 4_096

/** Keys in one guarded piece of memory, which libsodium keeps out of core dumps and, where it may, out of swap. */
export class KeyCache {
  readonly #memory: Uint8Array
  /** Slot by subject, the longest unused first. */
  readonly #slots = new Map<string, number>()
  readonly #free: number[]

  constructor(size = KEYS_KEPT) {
    this.#memory = sodium.sodium_malloc(KEY_BYTES * size)
    this.#free = Array.from({ length: size }, (_, slot) => slot)
  }

  /** A view of the kept key: for use at once, not for keeping. */
  get(subject: string): Uint8Array | undefined {
    const slot = this.#slots.get(subject)
    if (slot === undefined) return undefined
    this.#slots.delete(subject)
    this.#slots.set(subject, slot)
    return this.#at(slot)
  }

  /** Keeps a copy, and overwrites what it was given. */
  put(subject: string, key: Uint8Array): Uint8Array {
    const [oldest] = this.#slots.keys()
    if (this.#slots.has(subject)) this.drop(subject)
    else if (this.#free.length === 0 && oldest !== undefined) this.drop(oldest)
    const slot = this.#free.pop()
    if (slot === undefined) throw new Error('a cache of keys has no slot')
    this.#slots.set(subject, slot)
    const kept = this.#at(slot)
    kept.set(key)
    sodium.sodium_memzero(key)
    return kept
  }

  drop(subject: string): void {
    const slot = this.#slots.get(subject)
    if (slot === undefined) return
    sodium.sodium_memzero(this.#at(slot))
    this.#slots.delete(subject)
    this.#free.push(slot)
  }

  clear(): void {
    for (const subject of [...this.#slots.keys()]) this.drop(subject)
  }

  #at(slot: number): Uint8Array {
    return this.#memory.subarray(slot * KEY_BYTES, (slot + 1) * KEY_BYTES)
  }
}

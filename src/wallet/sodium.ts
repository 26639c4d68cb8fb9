import { createRequire } from 'node:module'

/** The part of libsodium that sealing keys needs; `sodium-native` has no types of its own. */
type Sodium = {
  readonly crypto_pwhash_SALTBYTES: number
  readonly crypto_pwhash_ALG_ARGON2ID13: number
  readonly crypto_secretbox_KEYBYTES: number
  readonly crypto_secretbox_NONCEBYTES: number
  readonly crypto_secretbox_MACBYTES: number
  sodium_malloc(sizeBytes: number): Uint8Array
  sodium_memzero(buffer: Uint8Array): void
  crypto_pwhash_async(
    out: Uint8Array,
    password: Uint8Array,
    salt: Uint8Array,
    opsLimit: number,
    memLimit: number,
    algorithm: number,
  ): Promise<void>
  crypto_secretbox_easy(out: Uint8Array, message: Uint8Array, nonce: Uint8Array, key: Uint8Array): void
  crypto_secretbox_open_easy(out: Uint8Array, box: Uint8Array, nonce: Uint8Array, key: Uint8Array): boolean
}

export const sodium = createRequire(import.meta.url)('sodium-native') as Sodium

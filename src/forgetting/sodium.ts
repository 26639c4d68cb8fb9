import { createRequire } from 'node:module'

/** The part of libsodium that sealing fields needs; `sodium-native` has no types of its own. XChaCha20-Poly1305, IETF. */
type Sodium = {
  readonly crypto_aead_xchacha20poly1305_ietf_KEYBYTES: number
  readonly crypto_aead_xchacha20poly1305_ietf_NPUBBYTES: number
  readonly crypto_aead_xchacha20poly1305_ietf_ABYTES: number
  sodium_malloc(sizeBytes: number): Uint8Array
  sodium_memzero(buffer: Uint8Array): void
  crypto_aead_xchacha20poly1305_ietf_encrypt(
    out: Uint8Array,
    message: Uint8Array,
    associated: Uint8Array,
    secretNonce: null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number
  /** @throws Error when `box` is not what was sealed with this key, nonce and associated data */
  crypto_aead_xchacha20poly1305_ietf_decrypt(
    out: Uint8Array,
    secretNonce: null,
    box: Uint8Array,
    associated: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number
}

export const sodium = createRequire(import.meta.url)('sodium-native') as Sodium

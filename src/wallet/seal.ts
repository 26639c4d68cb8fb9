import { Fault } from '../../domain/fault.ts'
import type { Random } from '../random/port.ts'
import { sodium } from './sodium.ts'

/** How much work one guess at a password costs: argon2id (RFC 9106) passes and memory. */
export type Kdf = { readonly passes: number; readonly memoryBytes: number }

/** libsodium's MODERATE: about 0.7 s and 256 MiB for each guess. */
export const MODERATE_KDF: Kdf = { passes: 3, memoryBytes: 268_435_456 }

/**
 * Milliseconds and 1 MiB. Only for tests, and for an empty password, which no work can protect.
 */
export const LIGHT_KDF: Kdf = { passes: 1, memoryBytes: 1_048_576 }

/** A file may not ask for more than this: it is read before anything proves who wrote it. */
export const MAX_KDF: Kdf = { passes: 16, memoryBytes: 1_073_741_824 }
export const MIN_KDF: Kdf = { passes: 1, memoryBytes: 8_192 }

/** A secret under a password: XSalsa20-Poly1305 (secretbox) with a key by argon2id. */
export type Sealed = {
  readonly kdf: Kdf
  readonly salt: Uint8Array
  readonly nonce: Uint8Array
  readonly box: Uint8Array
}

export const SALT_BYTES = sodium.crypto_pwhash_SALTBYTES
export const NONCE_BYTES = sodium.crypto_secretbox_NONCEBYTES
export const MAC_BYTES = sodium.crypto_secretbox_MACBYTES

/** NFKC, so that the same characters typed on another keyboard are the same password. */
const passwordBytes = (password: string): Uint8Array => new TextEncoder().encode(password.normalize('NFKC'))

/** Runs `use` with the key in guarded memory, which is wiped after. */
const withKey = async <T>(password: string, salt: Uint8Array, kdf: Kdf, use: (key: Uint8Array) => T): Promise<T> => {
  const key = sodium.sodium_malloc(sodium.crypto_secretbox_KEYBYTES)
  const bytes = passwordBytes(password)
  try {
    await sodium
      .crypto_pwhash_async(key, bytes, salt, kdf.passes, kdf.memoryBytes, sodium.crypto_pwhash_ALG_ARGON2ID13)
      .catch((cause: unknown) => {
        throw new Fault('wallet.no-memory', `deriving the key needs ${kdf.memoryBytes} bytes of memory`, {
          culprit: 'host',
          next: 'Free some memory and try again.',
          cause,
        })
      })
    return use(key)
  } finally {
    sodium.sodium_memzero(key)
    bytes.fill(0)
  }
}

/** @throws Fault `wallet.no-memory` */
export const seal = async (secret: Uint8Array, password: string, kdf: Kdf, random: Random): Promise<Sealed> => {
  const salt = random.bytes(SALT_BYTES)
  const nonce = random.bytes(NONCE_BYTES)
  const box = new Uint8Array(secret.length + MAC_BYTES)
  await withKey(password, salt, kdf, (key) => sodium.crypto_secretbox_easy(box, secret, nonce, key))
  return { kdf, salt, nonce, box }
}

/** @returns undefined when the password is wrong or the box was changed: the two cannot be told apart. @throws Fault `wallet.no-memory` */
export const unseal = async (sealed: Sealed, password: string): Promise<Uint8Array | undefined> => {
  const secret = new Uint8Array(sealed.box.length - MAC_BYTES)
  const opened = await withKey(password, sealed.salt, sealed.kdf, (key) =>
    sodium.crypto_secretbox_open_easy(secret, sealed.box, sealed.nonce, key),
  )
  return opened ? secret : undefined
}

import { z } from 'zod'
import { fromHex, toHex } from '../../domain/bytes.ts'
import { Fault } from '../../domain/fault.ts'
import { MAC_BYTES, MAX_KDF, MIN_KDF, NONCE_BYTES, SALT_BYTES, type Sealed } from './seal.ts'

/** Entropy of 24 words (BIP 39). */
export const ENTROPY_BYTES = 32
/** A keystore file is about 500 bytes; anything above this is something else. */
export const MAX_KEYSTORE_BYTES = 16_384
const VERSION = 1
/** Keys watched beyond the last one used, at the most: each costs a derivation at the start. */
export const MAX_GAP = 10_000

const hexOf = (sizeBytes: number) =>
  z
    .string()
    .length(sizeBytes * 2)
    .regex(/^[0-9a-f]+$/)

const keystoreFile = z.strictObject({
  format: z.literal('zennet-keystore'),
  version: z.literal(VERSION),
  kdf: z.strictObject({
    name: z.literal('argon2id13'),
    passes: z.int().min(MIN_KDF.passes).max(MAX_KDF.passes),
    memoryBytes: z.int().min(MIN_KDF.memoryBytes).max(MAX_KDF.memoryBytes),
    salt: hexOf(SALT_BYTES),
  }),
  gap: z.int().min(1).max(MAX_GAP).exactOptional(),
  secretbox: z.strictObject({ nonce: hexOf(NONCE_BYTES), box: hexOf(ENTROPY_BYTES + MAC_BYTES) }),
})

/** JSON for people to recognise and keep: what it is, how it is sealed, and the sealed BIP 39 entropy. */
export const formatKeystore = (sealed: Sealed, gap?: number): string => {
  const file: z.infer<typeof keystoreFile> = {
    format: 'zennet-keystore',
    version: VERSION,
    ...(gap === undefined ? {} : { gap }),
    kdf: { name: 'argon2id13', ...sealed.kdf, salt: toHex(sealed.salt) },
    secretbox: { nonce: toHex(sealed.nonce), box: toHex(sealed.box) },
  }
  return `${JSON.stringify(file, undefined, 2)}\n`
}

/** @throws Fault `wallet.bad-file` for garbage, and for a version that this program does not know */
export const parseKeystore = (text: string): Sealed & { readonly gap?: number } => {
  try {
    const { kdf, secretbox, gap } = keystoreFile.parse(JSON.parse(text))
    return {
      kdf: { passes: kdf.passes, memoryBytes: kdf.memoryBytes },
      salt: fromHex(kdf.salt),
      nonce: fromHex(secretbox.nonce),
      box: fromHex(secretbox.box),
      ...(gap === undefined ? {} : { gap }),
    }
  } catch (cause) {
    throw new Fault('wallet.bad-file', 'this is not a keystore that this version of Zennet can read', {
      culprit: 'you',
      next: 'Restore the file from a backup, or make a keystore again from its 24 words; a newer file needs a newer Zennet.',
      cause,
    })
  }
}

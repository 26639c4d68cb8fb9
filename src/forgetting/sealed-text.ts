import { createHash } from 'node:crypto'
import { Fault } from '../../domain/fault.ts'
import type { Random } from '../random/port.ts'
import type { Place } from './port.ts'
import { sodium } from './sodium.ts'

export const KEY_BYTES = sodium.crypto_aead_xchacha20poly1305_ietf_KEYBYTES
const NONCE_BYTES = sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
const TAG_BYTES = sodium.crypto_aead_xchacha20poly1305_ietf_ABYTES
/** Tells which key sealed a text, so that one sealed by another node, or before the keys were lost, is not taken for a damaged one. */
const ID_BYTES = 4

/** What stands where a field was to be sealed for a subject that is forgotten: no key opens it. */
export const NOBODY_OPENS = ''

/**
 * XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) under the subject's key, base64url of key id, nonce and box. A random nonce of 24 bytes
 * may be drawn for each field without ever meeting another. The place is authenticated beside it.
 */
export const sealText = (key: Uint8Array, place: Place, text: string, random: Random): string => {
  const message = Buffer.from(text)
  const nonce = random.bytes(NONCE_BYTES)
  const box = Buffer.alloc(message.length + TAG_BYTES)
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(box, message, associated(place), null, nonce, key)
  return Buffer.concat([idOf(key), nonce, box]).toString('base64url')
}

/**
 * @returns undefined when another key sealed it
 * @throws Fault `journal.corrupt` when it was sealed at another place, or changed
 */
export const openText = (key: Uint8Array, place: Place, sealed: string): string | undefined => {
  const bytes = Buffer.from(sealed, 'base64url')
  const length = bytes.length - ID_BYTES - NONCE_BYTES - TAG_BYTES
  // Any other text for the same bytes was not written by us.
  if (length < 0 || bytes.toString('base64url') !== sealed) throw tampered(place)
  if (!bytes.subarray(0, ID_BYTES).equals(idOf(key))) return undefined
  const message = Buffer.alloc(length)
  try {
    const nonce = bytes.subarray(ID_BYTES, ID_BYTES + NONCE_BYTES)
    const box = bytes.subarray(ID_BYTES + NONCE_BYTES)
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(message, null, box, associated(place), nonce, key)
  } catch (cause) {
    throw tampered(place, cause)
  }
  return message.toString()
}

const idOf = (key: Uint8Array): Buffer => createHash('sha256').update(key).digest().subarray(0, ID_BYTES)

const associated = ({ stream, version, type, path }: Place): Buffer =>
  Buffer.from(JSON.stringify(['zennet/personal', stream, version, type, path]))

const tampered = ({ type, path }: Place, cause?: unknown): Fault =>
  new Fault('journal.corrupt', `${path} of ${type} is not what was sealed there`, {
    next: 'Put a backup of the log in its place.',
    cause,
  })

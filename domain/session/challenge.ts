import { utf8ToBytes } from '@noble/hashes/utils.js'
import { taggedHash } from '../chain/hash.ts'

/** What a node is in this session. An observer looks, and takes part in no lease. */
export const ROLES = ['publisher', 'provider', 'observer'] as const
export type Role = (typeof ROLES)[number]

/** A lease has one of each; two of a kind have nothing to say to one another. */
export const mayMeet = (a: Role, b: Role): boolean => a !== b

export const NONCE_BYTES = 32

export type ChallengeFields = {
  /** Hash of the stream's handshake: ties the proof to this connection, so that a relay cannot pass it on. */
  readonly handshake: Uint8Array
  /** The signer's. */
  readonly role: Role
  /** Name of the chain's network. */
  readonly network: string
  /** The signer's chain public key, compressed, 33 bytes. */
  readonly ownKey: Uint8Array
  readonly peerKey: Uint8Array
  /** What the verifier chose, 32 bytes: ties the proof to this moment. */
  readonly peerNonce: Uint8Array
  /** What the session is about: an announcement's outpoint `txid:vout`, or another purpose. */
  readonly subject: string
}

/**
 * What the signer of a challenge signs: BIP 340's tagged hash of the fields in the order of the type, each after its length as a
 * 4-byte big-endian number, so that no two different sets of fields give the same bytes.
 * @returns 32 bytes
 */
export const challengeDigest = (fields: ChallengeFields): Uint8Array =>
  taggedHash(
    'zennet/challenge',
    ...[
      fields.handshake,
      utf8ToBytes(fields.role),
      utf8ToBytes(fields.network),
      fields.ownKey,
      fields.peerKey,
      fields.peerNonce,
      utf8ToBytes(fields.subject),
    ].flatMap((field) => [lengthOf(field), field]),
  )

const lengthOf = (field: Uint8Array): Uint8Array => {
  const prefix = new Uint8Array(4)
  new DataView(prefix.buffer).setUint32(0, field.length)
  return prefix
}

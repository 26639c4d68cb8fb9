import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { taggedHash } from '../chain/hash.ts'
import { canonicalJson } from './canonical-json.ts'

/** What a session may do. `read`: what concerns its key. `post`: announcements and ends of leases. `spend`: payments. */
export const SCOPES = ['read', 'post', 'spend'] as const
export type Scope = (typeof SCOPES)[number]

/** What a login at a node's API says. Every field is signed. */
export type LoginFields = {
  /** Name of the chain's network. */
  readonly network: string
  /** The node's identity key, hex: a proof for one node says nothing to another. */
  readonly node: string
  /** Origin of the address that the signer calls, `http://host:port`: a node in between would have to be called itself. */
  readonly audience: string
  /** The signer's chain public key, hex. */
  readonly key: string
  /** What the node chose, hex. */
  readonly nonce: string
  /** Until when the node takes it, Unix ms. */
  readonly expiresAt: number
  readonly scopes: readonly Scope[]
  /** The most that the session may spend, sats. */
  readonly spendLimitSats: bigint
}

/**
 * What is signed (BIP 340) to open a session: a tagged hash of the fields in the order of the type, each after its length as a
 * 4-byte big-endian number. @returns 32 bytes
 */
export const loginDigest = (fields: LoginFields): Uint8Array =>
  taggedHash(
    'zennet/api-session',
    ...framed([
      fields.network,
      fields.node,
      fields.audience,
      fields.key,
      fields.nonce,
      `${fields.expiresAt}`,
      fields.scopes.join(','),
      `${fields.spendLimitSats}`,
    ]),
  )

/** A GraphQL operation that moves money, as the holder of a session signs it. */
export type OrderFields = {
  readonly network: string
  readonly node: string
  readonly key: string
  /** The document, character by character as it is sent: it names the operation. */
  readonly query: string
  readonly operationName: string
  /** Variables as they are sent: plain JSON. */
  readonly variables: unknown
  /** 16 random bytes, hex, chosen by the signer: good for one request. */
  readonly nonce: string
  /** Unix ms. */
  readonly expiresAt: number
}

/**
 * What is signed (BIP 340) with an operation that moves money. Document and variables go in as SHA-256, variables in canonical JSON,
 * so that both sides hash the same whatever the order of keys. @returns 32 bytes
 */
export const orderDigest = (fields: OrderFields): Uint8Array =>
  taggedHash(
    'zennet/api-order',
    ...framed([
      fields.network,
      fields.node,
      fields.key,
      sha256(utf8ToBytes(fields.query)),
      fields.operationName,
      sha256(utf8ToBytes(canonicalJson(fields.variables))),
      fields.nonce,
      `${fields.expiresAt}`,
    ]),
  )

const framed = (parts: readonly (string | Uint8Array)[]): Uint8Array[] =>
  parts.flatMap((part) => {
    const bytes = typeof part === 'string' ? utf8ToBytes(part) : part
    const prefix = new Uint8Array(4)
    new DataView(prefix.buffer).setUint32(0, bytes.length)
    return [prefix, bytes]
  })

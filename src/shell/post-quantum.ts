import { createHash, createPublicKey, diffieHellman, encapsulate, generateKeyPairSync } from 'node:crypto'
import { createRequire } from 'node:module'
import type { Connection } from 'ssh2'

/**
 * Key exchange of ML-KEM-768 and X25519 together, which OpenSSH 10 prefers; from 10.1 on it warns of servers without one like it.
 * Source: draft-ietf-sshm-mlkem-hybrid-kex. Whoever records a session today and has a quantum computer one day reads none of it.
 */
export const POST_QUANTUM_KEX = 'mlkem768x25519-sha256'

/** Source: FIPS 203, ML-KEM-768; RFC 7748. */
const ENCAPSULATION_KEY_BYTES = 1184
const X25519_BYTES = 32
/** DER in front of the raw keys. Source: RFC 9935, RFC 8410. */
const ML_KEM_SPKI = Buffer.from('308204b2300b0609608648016503040402038204a100', 'hex')
const X25519_SPKI = Buffer.from('302a300506032b656e032100', 'hex')

const keyOf = (prefix: Buffer, raw: Uint8Array) =>
  createPublicKey({ key: Buffer.concat([prefix, raw]), format: 'der', type: 'spki' })

/**
 * The server's half. `init`: the client's encapsulation key and X25519 key; `reply`: the ciphertext and ours. The secret is the
 * SHA-256 of both shared secrets, and is hashed as a string, not as a number.
 *
 * @throws when `init` has another length, a coefficient is not below the modulus, or the X25519 key is of low order
 */
export const answerHybrid = (init: Uint8Array): { readonly reply: Buffer; readonly secret: Buffer } => {
  if (init.length !== ENCAPSULATION_KEY_BYTES + X25519_BYTES)
    throw new Error(`${init.length} bytes in the key exchange`)
  const { sharedKey, ciphertext } = encapsulate(keyOf(ML_KEM_SPKI, init.subarray(0, ENCAPSULATION_KEY_BYTES)))
  const own = generateKeyPairSync('x25519')
  const publicKey = keyOf(X25519_SPKI, init.subarray(ENCAPSULATION_KEY_BYTES))
  const shared = diffieHellman({ privateKey: own.privateKey, publicKey })
  const reply = Buffer.concat([
    ciphertext,
    own.publicKey.export({ type: 'spki', format: 'der' }).subarray(-X25519_BYTES),
  ])
  return { reply, secret: createHash('sha256').update(sharedKey).update(shared).digest() }
}

/** Whether this Node's OpenSSL has ML-KEM (3.5 and later): the project's own has. */
export const hasPostQuantum = (): boolean => {
  try {
    generateKeyPairSync('ml-kem-768' as never)
    return true
  } catch {
    return false
  }
}

/** What is reached into of ssh2 1.17, which knows no such exchange and takes none from outside. */
type Exchange = {
  negotiated: { kex: string }
  _remoteKexinit: Buffer
  generateKeys(): void
  getPublicKey(): Buffer
  convertPublicKey(key: Buffer): Buffer
  computeSecret(init: Buffer): Buffer | Error
}
type Take = (payload: Buffer) => unknown
type Protocol = { _kex: Exchange; _decipher: { _onPayload: Take }; _onPayload: Take }

const KEXINIT = 20
/** Type and cookie come before the client's list. Source: RFC 4253 section 7.1. */
const LIST_AT = 17
/** An exchange that ssh2 has, in the same two messages. */
const STAND_IN = 'curve25519-sha256'

/** The client's KEXINIT with the stand-in's name where ours was chosen; undefined when another was. */
const renamed = (payload: Buffer, offered: readonly string[]): Buffer | undefined => {
  if (payload[0] !== KEXINIT || payload.length < LIST_AT + 4) return undefined
  const length = payload.readUInt32BE(LIST_AT)
  const from = LIST_AT + 4
  if (from + length > payload.length) return undefined
  const names = payload.toString('latin1', from, from + length).split(',')
  if (names.find((name) => offered.includes(name)) !== POST_QUANTUM_KEX) return undefined
  const list = Buffer.from(names.map((name) => (name === POST_QUANTUM_KEX ? STAND_IN : name)).join(','), 'latin1')
  const size = Buffer.alloc(4)
  size.writeUInt32BE(list.length)
  return Buffer.concat([payload.subarray(0, LIST_AT), size, list, payload.subarray(from + length)])
}

const turn = (exchange: Exchange, payload: Buffer) => {
  let reply: Buffer = Buffer.alloc(0)
  // Both sides hash what the client really sent.
  exchange._remoteKexinit = payload
  exchange.negotiated.kex = POST_QUANTUM_KEX
  exchange.generateKeys = () => {}
  exchange.convertPublicKey = (key) => key
  exchange.getPublicKey = () => reply
  exchange.computeSecret = (init) => {
    try {
      const answer = answerHybrid(init)
      reply = answer.reply
      return answer.secret
    } catch (error) {
      return error as Error
    }
  }
}

/** Lets ssh2's servers name the exchange in `algorithms.kex`: it refuses names that it does not know. */
export const allowPostQuantum = (): void => {
  const { SUPPORTED_KEX } = createRequire(import.meta.url)('ssh2/lib/protocol/constants.js') as {
    SUPPORTED_KEX: string[]
  }
  if (!SUPPORTED_KEX.includes(POST_QUANTUM_KEX)) SUPPORTED_KEX.push(POST_QUANTUM_KEX)
}

/**
 * Answers the exchange on a connection that a server just accepted, the first one and when the client asks for new keys. ssh2 is
 * shown another name in the client's list, makes that exchange, and gets its computations replaced before the client's half comes.
 *
 * @param offered what the server names, in its order
 */
export const answerPostQuantum = (connection: Connection, offered: readonly string[]): void => {
  const protocol = (connection as unknown as { _protocol: Protocol })._protocol
  const watching = (take: Take): Take => {
    return (payload) => {
      const shown = renamed(payload, offered)
      const before = protocol._kex
      const answer = take(shown ?? payload)
      if (shown !== undefined && protocol._kex !== before) turn(protocol._kex, payload)
      return answer
    }
  }
  protocol._decipher._onPayload = watching(protocol._decipher._onPayload)
  // Later exchanges come through the connection's ciphers.
  protocol._onPayload = watching(protocol._onPayload)
}

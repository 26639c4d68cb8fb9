import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'

const string = (value: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(value as string)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** `ssh-ed25519 AAAA…` of a 32-byte public key. Source: RFC 8709 section 4. */
const publicBlob = (key: Uint8Array): Buffer => Buffer.concat([string('ssh-ed25519'), string(key)])

/**
 * A private key file as `ssh-keygen -t ed25519 -N ''` writes it. Source: OpenSSH's PROTOCOL.key.
 * @param seed 32 bytes @param key the 32-byte public key
 */
const encodePrivateKey = (seed: Uint8Array, key: Uint8Array, comment: string): string => {
  const check = randomBytes(4)
  const secret = string(Buffer.concat([seed, key]))
  const body = Buffer.concat([check, check, string('ssh-ed25519'), string(key), secret, string(comment)])
  // The cipher is `none`, whose block is 8; padding counts 1, 2, 3…
  const padding = Buffer.from(Array.from({ length: (8 - (body.length % 8)) % 8 }, (_, i) => i + 1))
  const count = Buffer.from([0, 0, 0, 1])
  const head = [Buffer.from('openssh-key-v1\0'), string('none'), string('none'), string(''), count]
  const all = Buffer.concat([...head, string(publicBlob(key)), string(Buffer.concat([body, padding]))])
  const lines = all.toString('base64').match(/.{1,70}/g) ?? []
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n')
}

export type OpenSshKey = { readonly privateKey: string; readonly publicKey: string }

/** A new ed25519 key pair in OpenSSH's forms. */
export const generateOpenSshKey = (comment: string): OpenSshKey =>
  inOpenSshForm(generateKeyPairSync('ed25519').privateKey, comment)

/** A PKCS #8 private key of ed25519 up to its seed. Source: RFC 8410 section 7. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The key pair that follows from 32 bytes. */
export const openSshKeyOf = (seed: Uint8Array, comment: string): OpenSshKey =>
  inOpenSshForm(createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' }), comment)

const inOpenSshForm = (pair: KeyObject, comment: string): OpenSshKey => {
  const { d = '', x = '' } = pair.export({ format: 'jwk' })
  const [seed, key] = [Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')]
  const publicKey = `ssh-ed25519 ${publicBlob(key).toString('base64')}`
  return { privateKey: encodePrivateKey(seed, key, comment), publicKey }
}

/** The blob of `ssh-ed25519 AAAA…`, with nothing before or after; undefined when it is not exactly that. */
export const ed25519Blob = (publicKey: string): Buffer | undefined => {
  const match = /^ssh-ed25519 ([A-Za-z0-9+/]{68})$/.exec(publicKey)
  const blob = match?.[1] === undefined ? undefined : Buffer.from(match[1], 'base64')
  return blob?.equals(publicBlob(blob.subarray(-32))) ? blob : undefined
}

/** `SHA256:…` as `ssh-keygen -lf` prints it: base64 without padding of the blob's hash. */
export const fingerprint = (blob: Uint8Array): string =>
  `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`

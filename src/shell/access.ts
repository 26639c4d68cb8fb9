import { createHash, createPublicKey, timingSafeEqual } from 'node:crypto'
import ssh2, { type ParsedKey, type PublicKeyAuthContext } from 'ssh2'
import { Fault } from '../../domain/fault.ts'

/** Keys that may open a shell: no DSA, no certificates. */
const KEY_TYPES = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa']
export const RSA_BITS_MIN = 2048
const LINE_MAX = 4096

/** `id`: SHA-256 of the public key's blob. */
export type AuthorizedKey = { readonly id: Buffer; readonly key: ParsedKey }

const idOf = (blob: Uint8Array) => createHash('sha256').update(blob).digest()

const bad = (why: string) =>
  new Fault('shell.bad-key', `An SSH key in the terms cannot be used: ${why}.`, {
    culprit: 'publisher',
    next: 'Use a key that `ssh-keygen -t ed25519` makes.',
  })

/**
 * Reads `TYPE BASE64 [comment]`. Options before the type are refused: they would promise a restriction that is not kept.
 *
 * @throws Fault `shell.bad-key`
 */
export const parseAuthorizedKey = (line: string): AuthorizedKey => {
  const text = line.trim()
  const [type = '', base64 = ''] = text.length > LINE_MAX || /[\r\n]/.test(text) ? [] : text.split(/[ \t]+/)
  if (!KEY_TYPES.includes(type)) throw bad('its type is not allowed')
  const parsed = ssh2.utils.parseKey(`${type} ${base64}`)
  const key = Array.isArray(parsed) ? parsed[0] : parsed
  if (key === undefined || key instanceof Error || key.isPrivateKey() || key.type !== type)
    throw bad('it does not parse')
  try {
    const { modulusLength } = createPublicKey(key.getPublicPEM()).asymmetricKeyDetails ?? {}
    if (type === 'ssh-rsa' && (modulusLength ?? 0) < RSA_BITS_MIN) throw bad(`RSA needs ${RSA_BITS_MIN} bits`)
  } catch (error) {
    throw error instanceof Fault ? error : bad('it is no key')
  }
  return { id: idOf(key.getPublicSSH()), key }
}

/**
 * What a public-key request proves: `probe` asks only whether the key would do (RFC 4252 section 7), `proven` carries a signature
 * over this session that verifies. ssh2 gives `rsa-sha2-*` as `ssh-rsa` with a `hashAlgo`; without one it is SHA-1 and refused.
 */
export const checkKey = (
  context: PublicKeyAuthContext,
  keys: readonly AuthorizedKey[],
): { readonly verdict: 'refused' } | { readonly verdict: 'probe' | 'proven'; readonly id: Buffer } => {
  const id = idOf(context.key.data)
  // All are compared, so that the time says nothing of which one matched.
  const found = keys.filter((one) => timingSafeEqual(one.id, id))[0]
  if (found === undefined || found.key.type !== context.key.algo) return { verdict: 'refused' }
  if (found.key.type === 'ssh-rsa' && context.hashAlgo === undefined) return { verdict: 'refused' }
  if (context.signature === undefined) return { verdict: 'probe', id }
  if (context.blob === undefined) return { verdict: 'refused' }
  // `verify` gives an Error for what it cannot read: only `true` counts.
  const verified = found.key.verify(context.blob, context.signature, context.hashAlgo)
  return verified === true ? { verdict: 'proven', id } : { verdict: 'refused' }
}

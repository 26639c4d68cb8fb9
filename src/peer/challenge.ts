import { z } from 'zod'
import { equal, fromHex, toHex } from '../../domain/bytes.ts'
import type { Curve } from '../../domain/chain/curve.ts'
import { Fault } from '../../domain/fault.ts'
import { challengeDigest, mayMeet, NONCE_BYTES, ROLES, type Role } from '../../domain/session/challenge.ts'
import type { Random } from '../random/port.ts'
import type { Link } from './port.ts'

export const CHALLENGE_VERSION = 1
/** How long each of the peer's two messages may take. */
export const CHALLENGE_TIMEOUT_MS = 15_000

const CODES = ['wrong-key', 'bad-signature', 'network', 'version', 'role', 'same-key', 'subject', 'malformed'] as const
type Code = (typeof CODES)[number]

const NEXT: Record<Code, string> = {
  'wrong-key':
    'The other node is not the author of the announcement: check the endpoint, or someone stands in between.',
  'bad-signature':
    'The other node does not hold the key that it names, or someone stands in between: do not deal with it.',
  network: 'The two nodes follow different chains: check `network` in the config.',
  version: 'Update the older of the two nodes.',
  role: 'A publisher and a provider are needed: check which role each node runs.',
  'same-key': 'A node cannot lease from itself: use another wallet for the other role.',
  subject: 'The announcement is not one of that node, or is over: read the market again.',
  malformed: 'The other node breaks the protocol: update it, or deal with another.',
}

const fault = (code: Code, message: string): Fault =>
  new Fault(`challenge.${code}`, message, { culprit: 'peer-unreachable', next: NEXT[code] })

const Versioned = z.looseObject({ type: z.literal('challenge.hello'), version: z.int() })
const Hello = z.strictObject({
  type: z.literal('challenge.hello'),
  version: z.literal(CHALLENGE_VERSION),
  role: z.enum(ROLES),
  key: z.string().regex(/^0[23][0-9a-f]{64}$/),
  network: z.string().min(1).max(32),
  nonce: z.string().regex(/^[0-9a-f]{64}$/),
  subject: z.string().min(1).max(200),
})
const Proof = z.strictObject({ type: z.literal('challenge.proof'), signature: z.string().regex(/^[0-9a-f]{128}$/) })
const Refused = z.strictObject({ type: z.literal('challenge.refused'), code: z.enum(CODES) })

export type ChallengeOptions = {
  readonly role: Role
  readonly identity: { readonly secret: Uint8Array; readonly publicKey: Uint8Array }
  readonly network: string
  /**
   * What the session is about: an announcement's outpoint `txid:vout`, or another purpose, at most 200 characters. The end that dialled
   * must say it, and says it first. The other end, when it names one, takes no other.
   */
  readonly subject?: string
  /** Asked at the end that did not dial, before it says who it is. Without this and `subject` everything is taken. */
  readonly acceptSubject?: (subject: string, peer: { key: Uint8Array; role: Role }) => boolean | Promise<boolean>
  /** The one key that the peer may have, 33 bytes: for a provider, that of the announcement's author. */
  readonly expectedKey?: Uint8Array
  readonly curve: Curve
  readonly random: Random
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** Who is at the other end, proven. */
export type Challenged = { readonly peerKey: Uint8Array; readonly peerRole: Role; readonly subject: string }

/**
 * Both ends prove to each other, on this very connection, that they hold the key that they name. The first exchange on a link.
 *
 * @throws Fault `challenge.*` when either end refuses (both get the same code), or one of `Link`; the link is closed then
 */
export const challenge = async (link: Link, options: ChallengeOptions): Promise<Challenged> => {
  try {
    return await converse(link, options)
  } catch (failure) {
    if (failure instanceof Fault && failure.code.startsWith('challenge.') && !(failure instanceof RefusedByPeer)) {
      // Best effort: who dialled learns why, and the link closes anyway.
      void link.send({ type: 'challenge.refused', code: failure.code.slice('challenge.'.length) }).catch(() => {})
    }
    link.close()
    throw failure
  }
}

class RefusedByPeer extends Fault {}

const converse = async (link: Link, options: ChallengeOptions): Promise<Challenged> => {
  const { role, identity, network, curve, random } = options
  const nonce = random.bytes(NONCE_BYTES)
  const greet = (subject: string) =>
    link.send({
      type: 'challenge.hello',
      version: CHALLENGE_VERSION,
      role,
      key: toHex(identity.publicKey),
      network,
      nonce: toHex(nonce),
      subject,
    })

  if (link.initiator) {
    if (options.subject === undefined) throw new Error('challenge: the end that dials names the subject')
    await greet(options.subject)
  }
  const hello = await readHello(link, options)
  if (!link.initiator) await greet(hello.subject)

  const { subject } = hello
  const [handshake, ownKey, peerKey] = [link.handshake, identity.publicKey, fromHex(hello.key)]
  const mine = challengeDigest({ handshake, role, network, ownKey, peerKey, peerNonce: fromHex(hello.nonce), subject })
  const signature = curve.signSchnorr(mine, identity.secret, random.bytes(32))
  await link.send({ type: 'challenge.proof', signature: toHex(signature) })

  const proof = parse(Proof, await next(link, options))
  const theirs = challengeDigest({
    handshake,
    role: hello.role,
    network,
    ownKey: peerKey,
    peerKey: ownKey,
    peerNonce: nonce,
    subject,
  })
  if (!curve.verifySchnorr(fromHex(proof.signature), theirs, xOnly(peerKey))) {
    throw fault('bad-signature', `${link.remote} did not prove that it holds the key ${hello.key}`)
  }
  return { peerKey, peerRole: hello.role, subject }
}

/** Both parities of a key have the same x and, but for a sign, the same secret: BIP 340 knows the x alone. */
const xOnly = (key: Uint8Array): Uint8Array => key.subarray(1)

const readHello = async (link: Link, options: ChallengeOptions): Promise<z.infer<typeof Hello>> => {
  const message = await next(link, options)
  const { version } = parse(Versioned, message)
  if (version !== CHALLENGE_VERSION) throw fault('version', `${link.remote} speaks version ${version} of the protocol`)
  const hello = parse(Hello, message)
  if (hello.network !== options.network) throw fault('network', `${link.remote} is on the network ${hello.network}`)
  const key = fromHex(hello.key)
  if (equal(xOnly(key), xOnly(options.identity.publicKey)))
    throw fault('same-key', `${link.remote} has this node's own key`)
  if (!mayMeet(options.role, hello.role)) throw fault('role', `${link.remote} is a ${hello.role} too`)
  if (options.expectedKey && !equal(key, options.expectedKey)) {
    throw fault('wrong-key', `${link.remote} has the key ${hello.key}, not ${toHex(options.expectedKey)}`)
  }
  const known = options.subject === undefined || options.subject === hello.subject
  const accepted = link.initiator || (await options.acceptSubject?.(hello.subject, { key, role: hello.role })) !== false
  if (!known || !accepted)
    throw fault('subject', `${link.remote} came about ${hello.subject}, which is not wanted here`)
  return hello
}

/** The peer's next message; when it is a refusal, that is thrown. */
const next = async (link: Link, options: ChallengeOptions): Promise<unknown> => {
  const message = await link.receive({
    timeoutMs: options.timeoutMs ?? CHALLENGE_TIMEOUT_MS,
    ...(options.signal && { signal: options.signal }),
  })
  const refused = Refused.safeParse(message)
  if (!refused.success) return message
  const { code } = refused.data
  throw new RefusedByPeer(`challenge.${code}`, `${link.remote} refused: ${code}`, {
    culprit: 'peer-unreachable',
    next: NEXT[code],
  })
}

const parse = <T>(schema: z.ZodType<T>, message: unknown): T => {
  const parsed = schema.safeParse(message)
  if (!parsed.success) throw fault('malformed', 'a message of the challenge has another shape than agreed')
  return parsed.data
}

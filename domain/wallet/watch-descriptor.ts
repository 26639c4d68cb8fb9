import { HDKey } from '@scure/bip32'
import { fromHex } from '../bytes.ts'
import { decodeAddress } from '../chain/address.ts'
import { withChecksum } from '../chain/descriptor.ts'
import { hash160 } from '../chain/hash.ts'
import type { Network } from '../chain/network.ts'
import { p2pkh, p2sh, p2wpkh } from '../chain/script.ts'
import { Fault } from '../fault.ts'
import { extendedKeyVersions } from './extended-key.ts'

/** What finds output scripts and signs nothing. */
export type WatchDescriptor = {
  /** As it was given, without white space around it, with its checksum. */
  readonly text: string
  /** One, or as many as `<0;1>` names (BIP 389). */
  readonly branches: readonly Branch[]
}
/** `ranged`: it has a script for each index below 2^31; else one alone, at index 0. */
export type Branch = { readonly ranged: boolean; scriptAt(index: number): Uint8Array }

export const MAX_DESCRIPTOR_CHARS = 500
const MAX_STEPS = 10

/** By what is around the key (BIP 381, 382). */
const KINDS: readonly (readonly [RegExp, (publicKey: Uint8Array) => Uint8Array])[] = [
  [/^wpkh\(([^()]*)\)$/, (key) => p2wpkh(hash160(key))],
  [/^pkh\(([^()]*)\)$/, (key) => p2pkh(hash160(key))],
  [/^sh\(wpkh\(([^()]*)\)\)$/, (key) => p2sh(hash160(p2wpkh(hash160(key))))],
]
const ADDRESS = /^addr\(([^()]*)\)$/
/** Origin, which is for signers; the key; steps below it; whether there is one for each index. */
const KEY =
  /^(?:\[[0-9a-f]{8}(?:\/\d{1,10}[h'H]?)*\])?([1-9A-HJ-NP-Za-km-z]+|0[0-9a-f]{65})((?:\/(?:\d{1,10}|<\d{1,10};\d{1,10}>))*)(\/\*)?$/
const PUBLIC_KEY = /^0[23][0-9a-f]{64}$/
const TWO = /^<(\d+);(\d+)>$/
const HARDENED = 0x80000000

/**
 * Reads `wpkh(KEY)`, `pkh(KEY)`, `sh(wpkh(KEY))` or `addr(ADDRESS)`, with or without `#checksum` (BIP 380 to 382, 389). A key is a compressed
 * public key in hex, or an extended public key with steps that are not hardened and `/*` or nothing at the end.
 *
 * @throws Fault `wallet.bad-descriptor`; private keys are refused, since nothing here needs them
 */
export const readDescriptor = (text: string, network: Network): WatchDescriptor => {
  const given = text.trim()
  if (given.length > MAX_DESCRIPTOR_CHARS) throw bad(`it is longer than ${MAX_DESCRIPTOR_CHARS} characters`)
  const [body = '', sum] = given.split('#')
  const whole = summed(body)
  if (sum !== undefined && whole !== given) throw bad('its checksum does not match: it was mistyped or cut off')
  const address = ADDRESS.exec(body)?.[1]
  if (address !== undefined) {
    const script = decodeAddress(network, address)
    return { text: whole, branches: [{ ranged: false, scriptAt: () => script }] }
  }
  for (const [around, script] of KINDS) {
    const key = around.exec(body)?.[1]
    if (key !== undefined) return { text: whole, branches: branchesOf(key, network, script) }
  }
  throw bad('it is none of wpkh(…), pkh(…), sh(wpkh(…)) and addr(…)')
}

const summed = (body: string): string => {
  try {
    return withChecksum(body)
  } catch (cause) {
    throw bad('it has a character that no descriptor has', cause)
  }
}

const branchesOf = (text: string, network: Network, script: (publicKey: Uint8Array) => Uint8Array): Branch[] => {
  const [, key, below = '', star] = KEY.exec(text) ?? []
  if (key === undefined) throw bad('its key is not [origin]key/steps/*, with steps that are not hardened')
  const steps = below.split('/').slice(1)
  if (PUBLIC_KEY.test(key)) {
    if (steps.length > 0 || star !== undefined) throw bad('a plain key has no others below it')
    const fixed = script(fromHex(key))
    return [{ ranged: false, scriptAt: () => fixed }]
  }
  if (steps.length > MAX_STEPS) throw bad(`it has more than ${MAX_STEPS} steps`)
  if (steps.filter((step) => TWO.test(step)).length > 1) throw bad('only one step may name two branches')
  const parent = extendedKey(key, network)
  return [1, 2].flatMap((which) => {
    if (which === 2 && !steps.some((step) => TWO.test(step))) return []
    const at = steps.reduce((node, step) => child(node, Number(TWO.exec(step)?.[which] ?? step)), parent)
    const one = star === undefined
    return [{ ranged: !one, scriptAt: (index: number) => script((one ? at : child(at, index)).publicKey!) }]
  })
}

const child = (parent: HDKey, index: number): HDKey => {
  if (index >= HARDENED) throw bad('a step is not below 2147483648')
  return parent.deriveChild(index)
}

const extendedKey = (text: string, network: Network): HDKey => {
  let key: HDKey
  try {
    key = HDKey.fromExtendedKey(text, extendedKeyVersions(network))
  } catch (cause) {
    throw bad(`its key is no extended public key of ${network.name}`, cause)
  }
  if (key.privateKey !== null)
    throw bad('it holds a private key; give the public one (xpub or tpub) and keep this one secret')
  return key
}

const bad = (why: string, cause?: unknown): Fault =>
  new Fault('wallet.bad-descriptor', `this descriptor cannot be watched: ${why}`, {
    culprit: 'you',
    next: 'Copy it again from the wallet that made it ("zennet wallet descriptors" prints those of a node).',
    cause,
  })

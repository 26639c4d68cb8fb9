import { bech32, bech32m, createBase58check } from '@scure/base'
import { concat } from '../bytes.ts'
import { Fault } from '../fault.ts'
import { sha256 } from './hash.ts'
import type { Network } from './network.ts'
import { OP } from './opcode.ts'
import { compileScript, isP2pkh, isP2sh, p2pkh, p2sh, witnessProgram } from './script.ts'

/** BIP 173: no address is longer. */
export const MAX_ADDRESS_CHARS = 90

const base58check = createBase58check(sha256)
const HASH_BYTES = 20

/**
 * The address of an output: bech32 for witness version 0 (BIP 173), bech32m above (BIP 350), base58 for a key's or a script's hash.
 *
 * @throws Fault `chain.bad-address` for a script that has no such address
 */
export const encodeAddress = (network: Network, script: Uint8Array): string => {
  const { keyHash, scriptHash } = network.base58
  if (isP2pkh(script)) return base58check.encode(concat(Uint8Array.of(keyHash), script.subarray(3, 23)))
  if (isP2sh(script)) return base58check.encode(concat(Uint8Array.of(scriptHash), script.subarray(2, 22)))
  const found = witnessProgram(script)
  if (found === undefined || !fits(found.version, found.program.length)) throw bad('this script has no address')
  const coder = found.version === 0 ? bech32 : bech32m
  return coder.encode(network.bech32, [found.version, ...coder.toWords(found.program)], MAX_ADDRESS_CHARS)
}

/** The same; undefined for a script that has no such address. */
export const addressOf = (network: Network, script: Uint8Array): string | undefined => {
  try {
    return encodeAddress(network, script)
  } catch (error) {
    if (error instanceof Fault) return undefined
    throw error
  }
}

/**
 * The output script that an address stands for.
 *
 * @throws Fault `chain.bad-address` when it is mistyped, of another network, or of a kind that is not known here
 */
export const decodeAddress = (network: Network, text: string): Uint8Array => {
  const address = text.trim()
  if (address.length > MAX_ADDRESS_CHARS) throw bad('it is too long')
  for (const coder of [bech32, bech32m]) {
    const found = coder.decodeUnsafe(address, MAX_ADDRESS_CHARS)
    if (found === undefined) continue
    if (found.prefix.toLowerCase() !== network.bech32) throw bad(`it is not of ${network.name}`)
    const version = found.words[0]
    const program = coder.fromWordsUnsafe(found.words.slice(1))
    if (version === undefined || program === undefined) throw bad('its content is not well-formed')
    if ((version === 0) !== (coder === bech32)) throw bad('its checksum is of another version')
    if (!fits(version, program.length)) throw bad('its program has a wrong length')
    return compileScript([version === 0 ? OP[0] : OP.RESERVED + version, Uint8Array.from(program)])
  }
  return decodeBase58(network, address)
}

const decodeBase58 = (network: Network, address: string): Uint8Array => {
  const bytes = unchecked(address)
  if (bytes === undefined) throw bad('its checksum does not match')
  const hash = bytes.slice(1)
  if (hash.length !== HASH_BYTES) throw bad('its content has a wrong length')
  if (bytes[0] === network.base58.keyHash) return p2pkh(hash)
  if (bytes[0] === network.base58.scriptHash) return p2sh(hash)
  throw bad(`it is not of ${network.name}`)
}

const unchecked = (address: string): Uint8Array | undefined => {
  try {
    return base58check.decode(address)
  } catch {
    return undefined // a letter that base58 does not have, too few bytes, or another checksum
  }
}

const fits = (version: number, size: number): boolean =>
  version <= 16 && (version === 0 ? size === 20 || size === 32 : size >= 2 && size <= 40)

const bad = (why: string): Fault =>
  new Fault('chain.bad-address', `not a usable address: ${why}`, {
    culprit: 'you',
    next: 'Copy the address again, whole, and check that it belongs to this network.',
  })

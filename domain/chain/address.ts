import { bech32, bech32m } from '@scure/base'
import { Fault } from '../fault.ts'
import type { Network } from './network.ts'
import { OP } from './opcode.ts'
import { compileScript, witnessProgram } from './script.ts'

/** BIP 173: no address is longer. */
export const MAX_ADDRESS_CHARS = 90

/**
 * The address of a witness output: bech32 for version 0 (BIP 173), bech32m above (BIP 350).
 *
 * @throws Fault `chain.bad-address` for a script that has no such address
 */
export const encodeAddress = (network: Network, script: Uint8Array): string => {
  const found = witnessProgram(script)
  if (found === undefined || !fits(found.version, found.program.length)) throw bad('this script has no address')
  const coder = found.version === 0 ? bech32 : bech32m
  return coder.encode(network.bech32, [found.version, ...coder.toWords(found.program)], MAX_ADDRESS_CHARS)
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
  throw bad('its checksum does not match')
}

const fits = (version: number, size: number): boolean =>
  version <= 16 && (version === 0 ? size === 20 || size === 32 : size >= 2 && size <= 40)

const bad = (why: string): Fault =>
  new Fault('chain.bad-address', `not a usable address: ${why}`, {
    culprit: 'you',
    next: 'Copy the address again, whole, and check that it belongs to this network.',
  })

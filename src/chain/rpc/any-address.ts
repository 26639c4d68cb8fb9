import { createBase58check } from '@scure/base'
import { decodeAddress, encodeAddress } from '../../../domain/chain/address.ts'
import { sha256 } from '../../../domain/chain/hash.ts'
import type { Network } from '../../../domain/chain/network.ts'
import { OP } from '../../../domain/chain/opcode.ts'
import { compileScript, isP2sh, p2pkh } from '../../../domain/chain/script.ts'
import { Fault } from '../../../domain/fault.ts'
import { outputKind } from '../xencoind/policy.ts'

// Wallets of this project make witness addresses only; a node also meets the older ones.

/** Version bytes of Bitcoin's test networks (kernel/chainparams.cpp); no network here has others. */
const KEY_HASH_VERSION = 111
const SCRIPT_HASH_VERSION = 196
const base58check = createBase58check(sha256)

/** The address of any output script that has one. */
export const addressOf = (network: Network, script: Uint8Array): string | undefined => {
  const kind = outputKind(script)
  if (kind === 'witness') return encodeAddress(network, script)
  if (kind === 'pubkeyhash') return base58check.encode(Uint8Array.of(KEY_HASH_VERSION, ...script.subarray(3, 23)))
  return isP2sh(script) ? scriptHashAddress(script.subarray(2, 22)) : undefined
}

export const scriptHashAddress = (hash: Uint8Array): string =>
  base58check.encode(Uint8Array.of(SCRIPT_HASH_VERSION, ...hash))

/** The output script that an address of any kind stands for; undefined when it is none of this network. */
export const scriptOf = (network: Network, address: string): Uint8Array | undefined => {
  try {
    return decodeAddress(network, address)
  } catch (error) {
    if (error instanceof Fault) return legacyScript(address)
    throw error
  }
}

const legacyScript = (address: string): Uint8Array | undefined => {
  let bytes: Uint8Array
  try {
    bytes = base58check.decode(address)
  } catch {
    return undefined
  }
  if (bytes.length !== 21) return undefined
  const hash = bytes.subarray(1)
  if (bytes[0] === KEY_HASH_VERSION) return p2pkh(hash)
  return bytes[0] === SCRIPT_HASH_VERSION ? compileScript([OP.HASH160, hash, OP.EQUAL]) : undefined
}

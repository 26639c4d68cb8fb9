import { z } from 'zod'
import { fromHex, toHex } from '../../../domain/bytes.ts'
import { addressOf, encodeAddress } from '../../../domain/chain/address.ts'
import { decodeTransaction } from '../../../domain/chain/codec.ts'
import { withChecksum } from '../../../domain/chain/descriptor.ts'
import { hash160 } from '../../../domain/chain/hash.ts'
import type { Network } from '../../../domain/chain/network.ts'
import { OP } from '../../../domain/chain/opcode.ts'
import {
  isP2sh,
  isUnspendable,
  MAX_ELEMENT_BYTES,
  p2sh,
  p2wpkh,
  p2wsh,
  parseScript,
  stepAt,
  witnessProgram,
} from '../../../domain/chain/script.ts'
import { isSuccess } from '../../../domain/chain/tapscript.ts'
import { scriptOf } from './any-address.ts'
import { anyTransaction } from './any-transaction.ts'
import { RPC, RpcError } from './error-code.ts'
import { deserialized, hexArg, type RpcMethod, rpcMethod } from './method.ts'
import { multisigDescriptor, scriptForm, scriptType } from './script-form.ts'
import { decodedForm } from './transaction-form.ts'

export const scriptMethods: Record<string, RpcMethod> = {
  decoderawtransaction: rpcMethod(
    'decoderawtransaction "hexstring" ( iswitness ): what is in the bytes of a transaction',
    { hexstring: hexArg, iswitness: z.boolean().optional() },
    (args, { node }) => {
      const decode = (bytes: Uint8Array) =>
        args.iswitness === undefined ? anyTransaction(bytes) : decodeTransaction(bytes, { witness: args.iswitness })
      return decodedForm(node.network, deserialized(args.hexstring, decode, 'TX decode failed'))
    },
  ),
  decodescript: rpcMethod(
    'decodescript "hexstring": what a script is, and the addresses that would wrap it',
    { hexstring: hexArg },
    (args, { node }) => {
      if (!/^([0-9a-fA-F]{2})*$/.test(args.hexstring))
        throw new RpcError(RPC.invalidParameter, `argument must be hexadecimal string (not '${args.hexstring}')`)
      const script = fromHex(args.hexstring)
      const { hex: _, ...form } = scriptForm(node.network, script)
      if (!mayBeWrapped(script)) return form
      const wrapped = encodeAddress(node.network, p2sh(hash160(script)))
      const segwit = mayBeInWitness(script) ? { segwit: witnessForm(node.network, script) } : {}
      return { ...form, p2sh: wrapped, ...segwit }
    },
  ),
  validateaddress: rpcMethod(
    'validateaddress "address": whether it is one of this network, and its script',
    { address: z.string().max(1000) },
    (args, { node }) => {
      const script = scriptOf(node.network, args.address)
      if (script === undefined) return { isvalid: false, error_locations: [], error: 'Invalid or unsupported address' }
      const program = witnessProgram(script)
      return {
        isvalid: true,
        address: addressOf(node.network, script),
        scriptPubKey: toHex(script),
        // Core says of a witness output whether its program is a hash of a script.
        isscript: isP2sh(script) || (program?.version === 0 && program.program.length === 32) || program?.version === 1,
        iswitness: program !== undefined,
        ...(program && { witness_version: program.version, witness_program: toHex(program.program) }),
      }
    },
  ),
}

const MAX_LEGACY_OP = OP.NOP10

/** Core wraps what is not wrapped already, can be spent and has only operations that every kind of script has. */
const mayBeWrapped = (script: Uint8Array): boolean => {
  if (isUnspendable(script) || !hasValidOps(script)) return false
  const kind = scriptType(script)
  return ['pubkey', 'pubkeyhash', 'multisig', 'nonstandard', 'witness_v0_keyhash', 'witness_v0_scripthash'].includes(
    kind,
  )
}

const hasValidOps = (script: Uint8Array): boolean => {
  for (let at = 0; at < script.length; ) {
    const step = stepAt(script, at)
    if (step === undefined || step.op > MAX_LEGACY_OP || isSuccess(step.op)) return false
    if ((step.data?.length ?? 0) > MAX_ELEMENT_BYTES) return false
    at = step.next
  }
  return true
}

const mayBeInWitness = (script: Uint8Array): boolean => {
  switch (scriptType(script)) {
    case 'pubkey':
      return script.length === 35
    case 'multisig':
      return parseScript(script).every(({ data }) => data === undefined || data.length < 65)
    case 'pubkeyhash':
    case 'nonstandard':
      return true
    default:
      return false
  }
}

/** The witness output that the script would be inside: of its key where it pays to a key, else of the script. */
const witnessForm = (network: Network, script: Uint8Array) => {
  const kind = scriptType(script)
  const inside =
    kind === 'pubkeyhash'
      ? p2wpkh(script.slice(3, 23))
      : kind === 'pubkey'
        ? p2wpkh(hash160(script.subarray(1, 34)))
        : p2wsh(script)
  const desc = kind === 'multisig' ? { desc: withChecksum(`wsh(${multisigDescriptor(script)})`) } : {}
  return { ...scriptForm(network, inside), ...desc, 'p2sh-segwit': encodeAddress(network, p2sh(hash160(inside))) }
}

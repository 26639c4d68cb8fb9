import { toHex } from '../../../domain/bytes.ts'
import { addressOf } from '../../../domain/chain/address.ts'
import { withChecksum } from '../../../domain/chain/descriptor.ts'
import type { Network } from '../../../domain/chain/network.ts'
import { OP } from '../../../domain/chain/opcode.ts'
import { isAnchor, parseScript, witnessProgram } from '../../../domain/chain/script.ts'
import { outputKind } from '../xencoind/policy.ts'
import { scriptAsm } from './script-asm.ts'

/** Core's `scriptPubKey` object. */
export const scriptForm = (network: Network, script: Uint8Array) => {
  const address = scriptType(script) === 'pubkey' ? undefined : addressOf(network, script)
  return {
    asm: scriptAsm(script),
    desc: descriptorOf(network, script),
    hex: toHex(script),
    ...(address === undefined ? {} : { address }),
    type: scriptType(script),
  }
}

/** Core's names for the kinds of output (script/solver.cpp). */
export const scriptType = (script: Uint8Array): string => {
  const program = witnessProgram(script)
  const kind = outputKind(script)
  if (program === undefined || kind === 'nonstandard') return kind
  if (program.version === 0) return program.program.length === 20 ? 'witness_v0_keyhash' : 'witness_v0_scripthash'
  if (isAnchor(program)) return 'anchor'
  return program.version === 1 && program.program.length === 32 ? 'witness_v1_taproot' : 'witness_unknown'
}

/** `multi(1,key,…)`: what a multisig output or witness script asks for. */
export const multisigDescriptor = (script: Uint8Array): string => {
  const keys = parseScript(script).flatMap(({ op, data }) => (data === undefined || op >= OP[1] ? [] : [toHex(data)]))
  return `multi(${script[0]! - OP.RESERVED},${keys.join(',')})`
}

/** What an output pays to, as a descriptor (BIP 380 and following), as far as the script alone tells. */
export const descriptorOf = (network: Network, script: Uint8Array): string => {
  switch (scriptType(script)) {
    case 'pubkey':
      return withChecksum(`pk(${toHex(script.subarray(1, -1))})`)
    case 'multisig':
      return withChecksum(multisigDescriptor(script))
    case 'witness_v1_taproot':
      return withChecksum(`rawtr(${toHex(script.subarray(2))})`)
  }
  const address = addressOf(network, script)
  return withChecksum(address === undefined ? `raw(${toHex(script)})` : `addr(${address})`)
}

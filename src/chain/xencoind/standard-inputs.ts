import { isAnchor, isP2sh, witnessProgram } from '../../../domain/chain/script.ts'
import { countSigops, lastPush } from '../../../domain/chain/sigops.ts'
import { ANNEX_TAG, leafVersionOf, TAPSCRIPT_VERSION } from '../../../domain/chain/taproot.ts'
import type { Transaction, TxOutput } from '../../../domain/chain/transaction.ts'
import { outputKind } from './policy.ts'

// How a transaction may spend, to be relayed: Bitcoin Core's AreInputsStandard and IsWitnessStandard (policy/policy.cpp).

export const MAX_STANDARD_P2SH_SIGOPS = 15
export const MAX_STANDARD_P2WSH_SCRIPT_BYTES = 3600
export const MAX_STANDARD_P2WSH_ITEMS = 100
export const MAX_STANDARD_P2WSH_ITEM_BYTES = 80
export const MAX_STANDARD_TAPSCRIPT_ITEM_BYTES = 80

/** Why a node would not relay this transaction, by how it spends `spent`; in Core's words. */
export const nonStandardInputs = (tx: Transaction, spent: readonly TxOutput[]): string | undefined => {
  for (const [i, { script }] of spent.entries()) {
    if (!isStandardSpend(script, tx.inputs[i]!.scriptSig)) return 'bad-txns-nonstandard-inputs'
  }
  for (const [i, { script }] of spent.entries()) {
    const { scriptSig, witness } = tx.inputs[i]!
    if (witness.length > 0 && !isStandardWitness(script, scriptSig, witness)) return 'bad-witness-nonstandard'
  }
  return undefined
}

const isStandardSpend = (script: Uint8Array, scriptSig: Uint8Array): boolean => {
  const kind = outputKind(script)
  if (kind === 'nonstandard') return false
  if (kind === 'scripthash') {
    const inner = lastPush(scriptSig)
    return inner !== undefined && scriptSig.length > 0 && countSigops(inner, true) <= MAX_STANDARD_P2SH_SIGOPS
  }
  const program = witnessProgram(script)
  if (program === undefined || program.version === 0 || isAnchor(program)) return true
  return program.version === 1 && program.program.length === 32
}

const isStandardWitness = (script: Uint8Array, scriptSig: Uint8Array, witness: readonly Uint8Array[]): boolean => {
  const inP2sh = isP2sh(script)
  const found = witnessProgram(inP2sh ? (lastPush(scriptSig) ?? scriptSig) : script)
  if (found === undefined || isAnchor(found)) return false
  if (found.version === 0 && found.program.length === 32) return isStandardV0Script(witness)
  return found.version !== 1 || found.program.length !== 32 || inP2sh || isStandardTaproot(witness)
}

const isStandardV0Script = (witness: readonly Uint8Array[]): boolean => {
  const items = witness.slice(0, -1)
  return (
    (witness.at(-1)?.length ?? 0) <= MAX_STANDARD_P2WSH_SCRIPT_BYTES &&
    items.length <= MAX_STANDARD_P2WSH_ITEMS &&
    items.every((item) => item.length <= MAX_STANDARD_P2WSH_ITEM_BYTES)
  )
}

const isStandardTaproot = (witness: readonly Uint8Array[]): boolean => {
  const control = witness.at(-1)
  if (witness.length < 2 || control === undefined) return true
  if (control.length === 0 || control[0] === ANNEX_TAG) return false
  const items = witness.slice(0, -2)
  return (
    leafVersionOf(control) !== TAPSCRIPT_VERSION ||
    items.every((item) => item.length <= MAX_STANDARD_TAPSCRIPT_ITEM_BYTES)
  )
}

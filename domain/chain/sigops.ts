import { OP } from './opcode.ts'
import { isP2sh, isPushOnly, parseScript, stepAt, type WitnessProgram, witnessProgram } from './script.ts'
import { MAX_KEYS_PER_MULTISIG } from './signature-operation.ts'
import type { Transaction, TxInput, TxOutput } from './transaction.ts'

/** Law: most signature operations of a block, in weighted units (BIP 141). */
export const MAX_BLOCK_SIGOPS_COST = 80_000
/** An operation outside a witness counts four times. */
export const WITNESS_SCALE = 4

/**
 * Signature operations written in `script`, executed or not.
 *
 * @param accurate a multisig counts the keys it names, instead of the most it could have
 */
export const countSigops = (script: Uint8Array, accurate: boolean): number => {
  let count = 0
  let before = -1
  for (let at = 0; at < script.length; ) {
    const step = stepAt(script, at)
    if (step === undefined) break
    const { op } = step
    if (op === OP.CHECKSIG || op === OP.CHECKSIGVERIFY) count++
    else if (op === OP.CHECKMULTISIG || op === OP.CHECKMULTISIGVERIFY) {
      count += accurate && before >= OP[1] && before <= OP[16] ? before - OP.RESERVED : MAX_KEYS_PER_MULTISIG
    }
    before = op
    at = step.next
  }
  return count
}

/** Those in the transaction's own scripts, unweighted. */
export const legacySigops = (tx: Transaction): number =>
  tx.inputs.reduce((sum, input) => sum + countSigops(input.scriptSig, false), 0) +
  tx.outputs.reduce((sum, output) => sum + countSigops(output.script, false), 0)

/**
 * Weighted count with those of the scripts that the inputs bring: of a script hash (BIP 16) and of a segwit v0 witness (BIP 141).
 * Taproot has a limit of its own (BIP 342) and counts nothing here.
 *
 * @param spent the output of each input, in order
 */
export const sigopsCost = (tx: Transaction, spent: readonly TxOutput[]): number =>
  tx.inputs.reduce((sum, input, i) => sum + inputCost(input, spent[i]), legacySigops(tx) * WITNESS_SCALE)

const inputCost = ({ scriptSig, witness }: TxInput, spent: TxOutput | undefined): number => {
  if (spent === undefined) throw new RangeError('what an input spends is missing')
  const program = witnessProgram(spent.script)
  if (program !== undefined) return witnessSigops(program, witness)
  if (!isP2sh(spent.script)) return 0
  const script = lastPush(scriptSig)
  if (script === undefined) return 0
  const inside = witnessProgram(script)
  return countSigops(script, true) * WITNESS_SCALE + (inside === undefined ? 0 : witnessSigops(inside, witness))
}

/** The script that a script-hash input brings, unread; undefined when the input's script is not only pushes. */
export const lastPush = (scriptSig: Uint8Array): Uint8Array | undefined =>
  isPushOnly(scriptSig) ? (parseScript(scriptSig).at(-1)?.data ?? new Uint8Array(0)) : undefined

const witnessSigops = ({ version, program }: WitnessProgram, witness: readonly Uint8Array[]): number => {
  if (version !== 0) return 0
  if (program.length === 20) return 1
  const script = witness.at(-1)
  return program.length === 32 && script !== undefined ? countSigops(script, true) : 0
}

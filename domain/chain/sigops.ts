import { OP } from './opcode.ts'
import { stepAt, witnessProgram } from './script.ts'
import { MAX_KEYS_PER_MULTISIG } from './signature-operation.ts'
import type { Transaction, TxOutput } from './transaction.ts'

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

/** Weighted count with those that a segwit v0 spend runs (BIP 141). @param spent the output of each input, in order */
export const sigopsCost = (tx: Transaction, spent: readonly TxOutput[]): number =>
  legacySigops(tx) * WITNESS_SCALE +
  spent.reduce((sum, output, i) => sum + witnessSigops(output.script, tx.inputs[i]?.witness ?? []), 0)

const witnessSigops = (script: Uint8Array, witness: readonly Uint8Array[]): number => {
  const found = witnessProgram(script)
  if (found?.version !== 0) return 0
  if (found.program.length === 20) return 1
  const witnessScript = witness.at(-1)
  return found.program.length === 32 && witnessScript !== undefined ? countSigops(witnessScript, true) : 0
}

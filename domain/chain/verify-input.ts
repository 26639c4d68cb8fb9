import { equal } from '../bytes.ts'
import type { Curve } from './curve.ts'
import { evaluate, type ScriptContext } from './interpreter.ts'
import { compileScript, isP2sh, isPushOnly, witnessProgram } from './script.ts'
import type { ScriptError } from './script-error.ts'
import { isTruthy } from './script-machine.ts'
import { type ScriptRules, STANDARD_RULES } from './script-rules.ts'
import type { DigestCache } from './sighash.ts'
import { type CheckedInput, signatureChecker } from './signature-checker.ts'
import type { Transaction, TxInput, TxOutput } from './transaction.ts'
import { verifyWitness } from './verify-witness.ts'

export type VerifyOptions = {
  /** Default: policy. Blocks are held to `CONSENSUS_RULES`. */
  readonly rules?: ScriptRules
  /** Shared by all inputs of one transaction. */
  readonly cache?: DigestCache
}

/**
 * Whether the input at `index` may spend its output (Bitcoin Core VerifyScript).
 *
 * @param spentOutputs the output of each input, in order
 * @returns why not; undefined when it may
 */
export const verifyInput = (
  tx: Transaction,
  index: number,
  spentOutputs: readonly TxOutput[],
  curve: Curve,
  { rules = STANDARD_RULES, cache = {} }: VerifyOptions = {},
): ScriptError | undefined => {
  const input = tx.inputs[index]
  const spent = spentOutputs[index]
  if (input === undefined || spent === undefined) throw new RangeError(`no input ${index}, or not what it spends`)
  const checked: CheckedInput = { tx, index, spent: spentOutputs, curve, cache }
  const context: ScriptContext = { checker: signatureChecker(checked), rules, version: 'base' }
  const { scriptSig, witness } = input
  if (rules.pushOnly && !isPushOnly(scriptSig)) return 'SIG_PUSHONLY'
  const stack: Uint8Array[] = []
  const own = evaluate(stack, scriptSig, context)
  if (own !== undefined) return own
  const given = [...stack]
  const error = runToTruth(stack, spent.script, context)
  if (error !== undefined) return error

  const program = rules.witness ? witnessProgram(spent.script) : undefined
  if (program !== undefined) {
    if (scriptSig.length > 0) return 'WITNESS_MALLEATED'
    return verifyWitness(program, witness, false, checked, rules)
  }
  if (rules.p2sh && isP2sh(spent.script)) return verifyScriptHash(given, checked, input, context)
  return checkEnd(stack, witness, rules)
}

/** BIP 16: the last push of the input is the script that its hash stood for. */
const verifyScriptHash = (
  stack: Uint8Array[],
  checked: CheckedInput,
  { scriptSig, witness }: TxInput,
  context: ScriptContext,
): ScriptError | undefined => {
  const { rules } = context
  if (!isPushOnly(scriptSig)) return 'SIG_PUSHONLY'
  const script = stack.pop() as Uint8Array
  const error = runToTruth(stack, script, context)
  if (error !== undefined) return error
  const program = rules.witness ? witnessProgram(script) : undefined
  if (program === undefined) return checkEnd(stack, witness, rules)
  // One push and nothing else, or somebody on the way could change the txid.
  if (!equal(scriptSig, compileScript([script]))) return 'WITNESS_MALLEATED_P2SH'
  return verifyWitness(program, witness, true, checked, rules)
}

const runToTruth = (stack: Uint8Array[], script: Uint8Array, context: ScriptContext): ScriptError | undefined => {
  const error = evaluate(stack, script, context)
  if (error !== undefined) return error
  const top = stack.at(-1)
  return top !== undefined && isTruthy(top) ? undefined : 'EVAL_FALSE'
}

const checkEnd = (
  stack: readonly Uint8Array[],
  witness: readonly Uint8Array[],
  rules: ScriptRules,
): ScriptError | undefined => {
  if (rules.cleanStack && stack.length !== 1) return 'CLEANSTACK'
  return rules.witness && witness.length > 0 ? 'WITNESS_UNEXPECTED' : undefined
}

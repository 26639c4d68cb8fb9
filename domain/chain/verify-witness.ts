import { equal } from '../bytes.ts'
import { sha256 } from './hash.ts'
import { evaluate, MAX_STACK_ELEMENTS, type ScriptContext } from './interpreter.ts'
import { isAnchor, MAX_ELEMENT_BYTES, p2pkh, type WitnessProgram } from './script.ts'
import type { ScriptError } from './script-error.ts'
import { isTruthy } from './script-machine.ts'
import type { ScriptRules } from './script-rules.ts'
import { type CheckedInput, signatureChecker } from './signature-checker.ts'
import { ANNEX_TAG, isCommitted, isControlSize, leafVersionOf, TAPSCRIPT_VERSION, tapLeafHash } from './taproot.ts'
import { newLeafRun, settledBySuccess } from './tapscript.ts'
import { sizeOfSize } from './writer.ts'

type Witness = readonly Uint8Array[]

/**
 * Whether a witness spends a program (Bitcoin Core VerifyWitnessProgram).
 *
 * @param inP2sh the program came by way of a script hash: then taproot does not apply
 */
export const verifyWitness = (
  found: WitnessProgram,
  witness: Witness,
  inP2sh: boolean,
  input: CheckedInput,
  rules: ScriptRules,
): ScriptError | undefined => {
  const { version, program } = found
  if (version === 0) return verifyV0(program, witness, input, rules)
  if (version === 1 && program.length === 32 && !inP2sh) {
    return rules.taproot ? verifyTaproot(program, witness, input, rules) : undefined
  }
  if (!inP2sh && isAnchor(found)) return undefined
  // Not yet given a meaning: anyone may spend it.
  return rules.discourageWitnessProgram ? 'DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM' : undefined
}

const verifyV0 = (
  program: Uint8Array,
  witness: Witness,
  input: CheckedInput,
  rules: ScriptRules,
): ScriptError | undefined => {
  const context: ScriptContext = { checker: signatureChecker(input), rules, version: 'witness-v0' }
  if (program.length === 32) {
    const script = witness.at(-1)
    if (script === undefined) return 'WITNESS_PROGRAM_WITNESS_EMPTY'
    if (!equal(sha256(script), program)) return 'WITNESS_PROGRAM_MISMATCH'
    return runWitness(witness.slice(0, -1), script, context)
  }
  if (program.length !== 20) return 'WITNESS_PROGRAM_WRONG_LENGTH'
  return witness.length === 2 ? runWitness([...witness], p2pkh(program), context) : 'WITNESS_PROGRAM_MISMATCH'
}

const verifyTaproot = (
  program: Uint8Array,
  witness: Witness,
  input: CheckedInput,
  rules: ScriptRules,
): ScriptError | undefined => {
  if (witness.length === 0) return 'WITNESS_PROGRAM_WITNESS_EMPTY'
  const last = witness.at(-1)
  const annex = witness.length >= 2 && last?.[0] === ANNEX_TAG ? last : undefined
  const stack = annex === undefined ? [...witness] : witness.slice(0, -1)
  const checker = signatureChecker({ ...input, annex })
  const control = stack.pop() as Uint8Array
  const script = stack.pop()
  // One item only: a signature by the output's own key.
  if (script === undefined) return checker.checkSchnorr(control, program)
  if (!isControlSize(control.length)) return 'TAPROOT_WRONG_CONTROL_SIZE'
  const leafVersion = leafVersionOf(control)
  const leafHash = tapLeafHash(leafVersion, script)
  if (!isCommitted(program, control, leafHash, input.curve)) return 'WITNESS_PROGRAM_MISMATCH'
  if (leafVersion !== TAPSCRIPT_VERSION) {
    return rules.discourageLeafVersion ? 'DISCOURAGE_UPGRADABLE_TAPROOT_VERSION' : undefined
  }
  const settled = settledBySuccess(script, rules)
  if (settled !== undefined) return settled === 'success' ? undefined : settled
  if (stack.length > MAX_STACK_ELEMENTS) return 'STACK_SIZE'
  const leaf = newLeafRun(leafHash, witnessSize(witness))
  return runWitness(stack, script, { checker, rules, version: 'tapscript', leaf })
}

const witnessSize = (witness: Witness): number =>
  witness.reduce((sum, item) => sum + sizeOfSize(item.length) + item.length, sizeOfSize(witness.length))

/** Runs a script from a witness, which must leave truth and nothing else. */
const runWitness = (stack: Uint8Array[], script: Uint8Array, context: ScriptContext): ScriptError | undefined => {
  if (stack.some((element) => element.length > MAX_ELEMENT_BYTES)) return 'PUSH_SIZE'
  const error = evaluate(stack, script, context)
  if (error !== undefined) return error
  const left = stack[0]
  if (left === undefined || stack.length !== 1) return 'CLEANSTACK'
  return isTruthy(left) ? undefined : 'EVAL_FALSE'
}

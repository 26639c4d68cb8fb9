import { equal } from '../bytes.ts'
import type { Curve } from './curve.ts'
import { derToCompact, isStrictDer, withLowS } from './der.ts'
import { sha256 } from './hash.ts'
import { evaluate } from './interpreter.ts'
import { meetsLockTime, meetsSequence } from './locktime.ts'
import { isP2sh, MAX_ELEMENT_BYTES, p2pkh, witnessProgram } from './script.ts'
import { type ScriptError, type ScriptRules, STANDARD_RULES } from './script-error.ts'
import { isTruthy, type ScriptChecker } from './script-machine.ts'
import { type DigestCache, witnessV0Digest } from './sighash.ts'
import type { Transaction, TxOutput } from './transaction.ts'

export type VerifyOptions = {
  /** Default: policy. Blocks are held to `CONSENSUS_RULES`. */
  readonly rules?: ScriptRules
  /** Shared by all inputs of one transaction. */
  readonly cache?: DigestCache
}

/**
 * Whether the input at `index` may spend its output.
 *
 * @param spentOutputs the output of each input, in order
 * @returns why not; undefined when it may. Kinds of output that are not checked here yet are refused, each with its own code.
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
  const found = witnessProgram(spent.script)
  if (found === undefined) return isP2sh(spent.script) ? 'UNSUPPORTED_P2SH' : 'UNSUPPORTED_LEGACY'
  const { version, program } = found
  if (input.scriptSig.length > 0) return 'WITNESS_MALLEATED'
  if (version === 1 && program.length === 32) return 'UNSUPPORTED_TAPROOT'
  if (version !== 0) return 'UNSUPPORTED_WITNESS_VERSION'
  // The output's script leaves the program on the stack, and a script must leave truth.
  if (!isTruthy(program)) return 'EVAL_FALSE'
  const checker = witnessChecker(tx, index, spent.value, curve, cache)
  return runWitness(program, input.witness, checker, rules)
}

const runWitness = (
  program: Uint8Array,
  witness: readonly Uint8Array[],
  checker: ScriptChecker,
  rules: ScriptRules,
): ScriptError | undefined => {
  let script: Uint8Array
  let stack: Uint8Array[]
  if (program.length === 32) {
    const last = witness.at(-1)
    if (last === undefined) return 'WITNESS_PROGRAM_WITNESS_EMPTY'
    if (!equal(sha256(last), program)) return 'WITNESS_PROGRAM_MISMATCH'
    script = last
    stack = witness.slice(0, -1)
  } else if (program.length === 20) {
    if (witness.length !== 2) return 'WITNESS_PROGRAM_MISMATCH'
    script = p2pkh(program)
    stack = [...witness]
  } else return 'WITNESS_PROGRAM_WRONG_LENGTH'

  if (stack.some((element) => element.length > MAX_ELEMENT_BYTES)) return 'PUSH_SIZE'
  const error = evaluate(stack, script, { checker, rules, version: 'witness-v0' })
  if (error !== undefined) return error
  const left = stack[0]
  if (left === undefined || stack.length !== 1) return 'CLEANSTACK'
  return isTruthy(left) ? undefined : 'EVAL_FALSE'
}

const witnessChecker = (
  tx: Transaction,
  index: number,
  value: bigint,
  curve: Curve,
  cache: DigestCache,
): ScriptChecker => {
  // A multisig asks about the same signature with one key after another: the digest is the same.
  let last: { scriptCode: Uint8Array; hashType: number; digest: Uint8Array } | undefined
  const digestOf = (scriptCode: Uint8Array, hashType: number): Uint8Array => {
    if (last === undefined || last.hashType !== hashType || !equal(last.scriptCode, scriptCode)) {
      last = { scriptCode, hashType, digest: witnessV0Digest(tx, index, scriptCode, value, hashType, cache) }
    }
    return last.digest
  }
  return {
    checkSignature(signature, publicKey, scriptCode) {
      const hashType = signature.at(-1)
      const der = signature.subarray(0, -1)
      const key = plainKey(publicKey)
      if (hashType === undefined || key === undefined || !isStrictDer(der)) return false
      // Law lets a high s pass (policy does not), and the curve refuses it: its low twin is the same statement.
      return curve.verifyEcdsa(withLowS(derToCompact(der)), digestOf(scriptCode, hashType), key)
    },
    checkLockTime: (lockTime) => meetsLockTime(tx, index, lockTime),
    checkSequence: (sequence) => meetsSequence(tx, index, sequence),
  }
}

/** Law also knows "hybrid" keys: uncompressed, with the parity of y in the first byte. Policy refuses them. */
const plainKey = (key: Uint8Array): Uint8Array | undefined => {
  const kind = key[0]
  if (key.length === 33) return kind === 2 || kind === 3 ? key : undefined
  if (key.length !== 65) return undefined
  if (kind === 4) return key
  if ((kind !== 6 && kind !== 7) || ((key[64] as number) & 1) !== (kind & 1)) return undefined
  const plain = Uint8Array.from(key)
  plain[0] = 4
  return plain
}

import { derToCompact, isLowS, isStrictDer } from './der.ts'
import { fail } from './script-error.ts'
import type { ScriptChecker, ScriptMachine } from './script-machine.ts'
import type { ScriptRules } from './script-rules.ts'
import { SIGHASH } from './sighash.ts'
import { withoutPush } from './sighash-legacy.ts'

/** Of scripts whose signatures are ECDSA; a tapscript's are in `tapscript.ts`. */
export type EcdsaVersion = 'base' | 'witness-v0'

/** Law: most keys of one CHECKMULTISIG (Bitcoin Core script.h). */
export const MAX_KEYS_PER_MULTISIG = 20

/** @throws ScriptFailure */
const checkSignatureEncoding = (signature: Uint8Array, rules: ScriptRules): void => {
  // No signature is a well-formed way to say "not signed".
  if (signature.length === 0) return
  const der = signature.subarray(0, -1)
  if ((rules.strictDer || rules.lowS || rules.strictEncoding) && !isStrictDer(der)) fail('SIG_DER')
  if (rules.lowS && !isLowS(derToCompact(der))) fail('SIG_HIGH_S')
  if (rules.strictEncoding) {
    const base = (signature.at(-1) as number) & ~SIGHASH.ANYONECANPAY
    if (base < SIGHASH.ALL || base > SIGHASH.SINGLE) fail('SIG_HASHTYPE')
  }
}

const isCompressed = (key: Uint8Array): boolean => key.length === 33 && (key[0] === 2 || key[0] === 3)
const isUncompressed = (key: Uint8Array): boolean => key.length === 65 && key[0] === 4

/** @throws ScriptFailure */
const checkKeyEncoding = (key: Uint8Array, rules: ScriptRules, version: EcdsaVersion): void => {
  if (rules.strictEncoding && !isCompressed(key) && !isUncompressed(key)) fail('PUBKEYTYPE')
  if (rules.compressedKeys && version === 'witness-v0' && !isCompressed(key)) fail('WITNESS_PUBKEYTYPE')
}

/** Before segwit, signatures are taken out of the script that they sign. @throws ScriptFailure */
const codeWithout = (
  signatures: readonly Uint8Array[],
  scriptCode: Uint8Array,
  rules: ScriptRules,
  version: EcdsaVersion,
): Uint8Array => {
  if (version !== 'base') return scriptCode
  let code = scriptCode
  for (const signature of signatures) {
    const rest = withoutPush(code, signature)
    if (rest !== code && rules.constScriptCode) fail('SIG_FINDANDDELETE')
    code = rest
  }
  return code
}

/** CHECKSIG: leaves whether the signature below the key on the stack is valid. */
export const checkSig = (
  machine: ScriptMachine,
  checker: ScriptChecker,
  scriptCode: Uint8Array,
  version: EcdsaVersion,
): void => {
  const { rules } = machine
  machine.need(2)
  const key = machine.pop()
  const signature = machine.pop()
  const code = codeWithout([signature], scriptCode, rules, version)
  checkSignatureEncoding(signature, rules)
  checkKeyEncoding(key, rules, version)
  const valid = checker.checkSignature(signature, key, code, version)
  if (!valid && rules.nullFail && signature.length > 0) fail('NULLFAIL')
  machine.pushBool(valid)
}

/**
 * CHECKMULTISIG: signatures must be in the order of their keys, and one element more is taken than is needed (an old bug that
 * became law; NULLDUMMY makes it empty).
 *
 * @param countKeys told the number of keys, which count as operations
 */
export const checkMultiSig = (
  machine: ScriptMachine,
  checker: ScriptChecker,
  scriptCode: Uint8Array,
  version: EcdsaVersion,
  countKeys: (keys: number) => void,
): void => {
  const { rules } = machine
  const keyCount = Number(machine.number(machine.peek()))
  if (keyCount < 0 || keyCount > MAX_KEYS_PER_MULTISIG) fail('PUBKEY_COUNT')
  countKeys(keyCount)
  machine.need(keyCount + 2)
  const signatureCount = Number(machine.number(machine.peek(keyCount + 1)))
  if (signatureCount < 0 || signatureCount > keyCount) fail('SIG_COUNT')
  machine.need(keyCount + signatureCount + 2)
  machine.pop()
  const keys = Array.from({ length: keyCount }, () => machine.pop())
  machine.pop()
  const signatures = Array.from({ length: signatureCount }, () => machine.pop())
  const code = codeWithout(signatures, scriptCode, rules, version)

  let done = 0
  for (let k = 0; done < signatures.length && signatures.length - done <= keys.length - k; k++) {
    const signature = signatures[done] as Uint8Array
    const key = keys[k] as Uint8Array
    checkSignatureEncoding(signature, rules)
    checkKeyEncoding(key, rules, version)
    if (checker.checkSignature(signature, key, code, version)) done++
  }
  const valid = done === signatures.length
  if (!valid && rules.nullFail && signatures.some((signature) => signature.length > 0)) fail('NULLFAIL')
  const dummy = machine.pop()
  if (rules.nullDummy && dummy.length > 0) fail('SIG_NULLDUMMY')
  machine.pushBool(valid)
}

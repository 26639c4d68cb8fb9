import { stepAt } from './script.ts'
import { fail, type ScriptError } from './script-error.ts'
import type { ScriptChecker, ScriptMachine } from './script-machine.ts'
import type { ScriptRules } from './script-rules.ts'

/** BIP 342: each signature checked takes this much of the weight that the witness brings. */
const WEIGHT_PER_SIGNATURE = 50
/** BIP 342: what every witness may spend beside its own size. */
const WEIGHT_BONUS = 50
const X_ONLY_BYTES = 32

/** BIP 342: opcodes that make a script succeed at once, until they get a meaning. */
export const isSuccess = (op: number): boolean =>
  op === 80 ||
  op === 98 ||
  (op >= 126 && op <= 129) ||
  (op >= 131 && op <= 134) ||
  (op >= 137 && op <= 138) ||
  (op >= 141 && op <= 142) ||
  (op >= 149 && op <= 153) ||
  (op >= 187 && op <= 254)

/** What a first look at the opcodes decides, if it decides; nothing is run. */
export const settledBySuccess = (script: Uint8Array, rules: ScriptRules): ScriptError | 'success' | undefined => {
  for (let at = 0; at < script.length; ) {
    const step = stepAt(script, at)
    if (step === undefined) return 'BAD_OPCODE'
    if (isSuccess(step.op)) return rules.discourageSuccess ? 'DISCOURAGE_OP_SUCCESS' : 'success'
    at = step.next
  }
  return undefined
}

/** The running state of one tapscript that signatures and their limit depend on. */
export type LeafRun = {
  readonly hash: Uint8Array
  separatorAt: number
  weightLeft: number
}

/** @param witnessBytes size of the whole witness, annex and all, as it is on the wire */
export const newLeafRun = (hash: Uint8Array, witnessBytes: number): LeafRun => ({
  hash,
  separatorAt: 0xffffffff,
  weightLeft: witnessBytes + WEIGHT_BONUS,
})

/** CHECKSIG in a tapscript (BIP 342): an empty signature is "no", and any other must be right. */
const checkTapSignature = (
  signature: Uint8Array,
  key: Uint8Array,
  checker: ScriptChecker,
  rules: ScriptRules,
  leaf: LeafRun,
): boolean => {
  const signed = signature.length > 0
  if (signed) {
    leaf.weightLeft -= WEIGHT_PER_SIGNATURE
    if (leaf.weightLeft < 0) fail('TAPSCRIPT_VALIDATION_WEIGHT')
  }
  if (key.length === 0) fail('PUBKEYTYPE')
  if (key.length === X_ONLY_BYTES) {
    const error = signed ? checker.checkSchnorr(signature, key, leaf) : undefined
    if (error !== undefined) fail(error)
  } else if (rules.discourageKeyType) fail('DISCOURAGE_UPGRADABLE_PUBKEYTYPE')
  return signed
}

/** Leaves whether the signature below the key on the stack is given. */
export const checkTapSig = (machine: ScriptMachine, checker: ScriptChecker, leaf: LeafRun): void => {
  machine.need(2)
  const key = machine.pop()
  const signature = machine.pop()
  machine.pushBool(checkTapSignature(signature, key, checker, machine.rules, leaf))
}

/** CHECKSIGADD: adds one to the number between signature and key where the signature is given. */
export const checkSigAdd = (machine: ScriptMachine, checker: ScriptChecker, leaf: LeafRun): void => {
  machine.need(3)
  const key = machine.pop()
  const count = machine.popNumber()
  const signature = machine.pop()
  const given = checkTapSignature(signature, key, checker, machine.rules, leaf)
  machine.pushNumber(count + (given ? 1n : 0n))
}

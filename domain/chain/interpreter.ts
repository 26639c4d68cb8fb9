import { OP } from './opcode.ts'
import { isMinimalPush, MAX_ELEMENT_BYTES, MAX_SCRIPT_BYTES, stepAt } from './script.ts'
import { fail, type ScriptError, ScriptFailure } from './script-error.ts'
import { isTruthy, type ScriptChecker, ScriptMachine } from './script-machine.ts'
import { DISABLED, operations } from './script-operation.ts'
import type { ScriptRules } from './script-rules.ts'
import { checkMultiSig, checkSig, type EcdsaVersion } from './signature-operation.ts'
import { checkSigAdd, checkTapSig, type LeafRun } from './tapscript.ts'

/** Law: most operations of a script that are not pushes, before taproot. */
export const MAX_OPERATIONS = 201
/** Law: most elements on both stacks together. */
export const MAX_STACK_ELEMENTS = 1000
/** BIP 112: with this bit the operand of CHECKSEQUENCEVERIFY asks nothing. */
const SEQUENCE_DISABLED = 1n << 31n

/** Where a script stands: before segwit, in a segwit v0 witness, or in a leaf of a taproot output. */
type ScriptPlace = { readonly version: EcdsaVersion } | { readonly version: 'tapscript'; readonly leaf: LeafRun }

export type ScriptContext = ScriptPlace & { readonly checker: ScriptChecker; readonly rules: ScriptRules }

/**
 * Runs `script` on `stack`, which it changes (Bitcoin Core's EvalScript). Whether the stack it leaves is good is for the caller to
 * judge, and so is what ends a tapscript before it runs (`settledBySuccess`).
 */
export const evaluate = (stack: Uint8Array[], script: Uint8Array, context: ScriptContext): ScriptError | undefined => {
  try {
    run(new ScriptMachine(stack, context.rules), script, context)
    return undefined
  } catch (error) {
    if (error instanceof ScriptFailure) return error.code
    throw error
  }
}

const run = (machine: ScriptMachine, script: Uint8Array, context: ScriptContext): void => {
  const { rules, version } = context
  const tapscript = version === 'tapscript'
  if (!tapscript && script.length > MAX_SCRIPT_BYTES) fail('SCRIPT_SIZE')
  /** One entry per open IF: whether its current branch is taken. */
  const branches: boolean[] = []
  let operationCount = 0
  let codeStart = 0
  const countOperations = (count: number): void => {
    operationCount += count
    if (operationCount > MAX_OPERATIONS) fail('OP_COUNT')
  }
  const signatures = tapscript
    ? tapSignatures(machine, context.checker, context.leaf)
    : ecdsaSignatures(machine, context.checker, version, () => script.subarray(codeStart), countOperations)

  for (let at = 0, position = 0; at < script.length; position++) {
    const step = stepAt(script, at) ?? fail('BAD_OPCODE')
    at = step.next
    const { op, data } = step
    const live = !branches.includes(false)
    if (data !== undefined && data.length > MAX_ELEMENT_BYTES) fail('PUSH_SIZE')
    if (!tapscript && op > OP[16]) countOperations(1)
    if (DISABLED.has(op)) fail('DISABLED_OPCODE')
    if (op === OP.CODESEPARATOR && version === 'base' && rules.constScriptCode) fail('OP_CODESEPARATOR')
    if (op >= OP.IF && op <= OP.ENDIF) branch(machine, branches, op, live, version)
    else if (live && data !== undefined) {
      if (rules.minimalData && op <= OP.PUSHDATA4 && !isMinimalPush(op, data)) fail('MINIMALDATA')
      machine.push(data)
    } else if (live) {
      switch (op) {
        case OP.CODESEPARATOR:
          codeStart = at
          if (tapscript) context.leaf.separatorAt = position
          break
        case OP.CHECKSIG:
          signatures.one()
          break
        case OP.CHECKSIGVERIFY:
          signatures.one()
          machine.verify('CHECKSIGVERIFY')
          break
        case OP.CHECKSIGADD:
          signatures.add()
          break
        case OP.CHECKMULTISIG:
          signatures.many()
          break
        case OP.CHECKMULTISIGVERIFY:
          signatures.many()
          machine.verify('CHECKMULTISIGVERIFY')
          break
        case OP.CHECKLOCKTIMEVERIFY:
          if (rules.lockTime) checkLockTime(machine, context.checker)
          else plain(machine, op, rules)
          break
        case OP.CHECKSEQUENCEVERIFY:
          if (rules.sequence) checkSequence(machine, context.checker)
          else plain(machine, op, rules)
          break
        default:
          plain(machine, op, rules)
      }
    }
    if (machine.stack.length + machine.alt.length > MAX_STACK_ELEMENTS) fail('STACK_SIZE')
  }
  if (branches.length > 0) fail('UNBALANCED_CONDITIONAL')
}

/** What the signature opcodes do in one version of scripts. */
type SignatureOperations = { one(): void; many(): void; add(): void }

const ecdsaSignatures = (
  machine: ScriptMachine,
  checker: ScriptChecker,
  version: EcdsaVersion,
  code: () => Uint8Array,
  countOperations: (count: number) => void,
): SignatureOperations => ({
  one: () => checkSig(machine, checker, code(), version),
  many: () => checkMultiSig(machine, checker, code(), version, countOperations),
  add: () => fail('BAD_OPCODE'),
})

const tapSignatures = (machine: ScriptMachine, checker: ScriptChecker, leaf: LeafRun): SignatureOperations => ({
  one: () => checkTapSig(machine, checker, leaf),
  many: () => fail('TAPSCRIPT_CHECKMULTISIG'),
  add: () => checkSigAdd(machine, checker, leaf),
})

/** Everything else; the two lock opcodes come here as the NOPs they were before their law. */
const plain = (machine: ScriptMachine, op: number, rules: ScriptRules): void => {
  if (op >= OP.NOP1 && op <= OP.NOP10) {
    if (rules.discourageNops) fail('DISCOURAGE_UPGRADABLE_NOPS')
    return
  }
  const operation = operations.get(op) ?? fail('BAD_OPCODE')
  operation(machine)
}

/** IF, NOTIF, ELSE and ENDIF; VERIF and VERNOTIF fail even where they are not executed. */
const branch = (
  machine: ScriptMachine,
  branches: boolean[],
  op: number,
  live: boolean,
  version: ScriptContext['version'],
): void => {
  switch (op) {
    case OP.IF:
    case OP.NOTIF: {
      let taken = false
      if (live) {
        const top = machine.stack.pop() ?? fail('UNBALANCED_CONDITIONAL')
        const minimal = top.length === 0 || (top.length === 1 && top[0] === 1)
        if (!minimal && version === 'tapscript') fail('TAPSCRIPT_MINIMALIF')
        if (!minimal && version === 'witness-v0' && machine.rules.minimalIf) fail('MINIMALIF')
        taken = isTruthy(top) === (op === OP.IF)
      }
      branches.push(taken)
      return
    }
    case OP.ELSE:
      if (branches.length === 0) fail('UNBALANCED_CONDITIONAL')
      branches.push(!branches.pop())
      return
    case OP.ENDIF:
      if (branches.pop() === undefined) fail('UNBALANCED_CONDITIONAL')
      return
    default:
      fail('BAD_OPCODE')
  }
}

/** Lock times have five bytes, so that they reach past 2³¹ without a sign. */
const LOCK_BYTES = 5

const checkLockTime = (machine: ScriptMachine, checker: ScriptChecker): void => {
  const lockTime = machine.number(machine.peek(), LOCK_BYTES)
  if (lockTime < 0n) fail('NEGATIVE_LOCKTIME')
  if (!checker.checkLockTime(lockTime)) fail('UNSATISFIED_LOCKTIME')
}

const checkSequence = (machine: ScriptMachine, checker: ScriptChecker): void => {
  const sequence = machine.number(machine.peek(), LOCK_BYTES)
  if (sequence < 0n) fail('NEGATIVE_LOCKTIME')
  if ((sequence & SEQUENCE_DISABLED) !== 0n) return
  if (!checker.checkSequence(sequence)) fail('UNSATISFIED_LOCKTIME')
}

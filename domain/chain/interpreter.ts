import { OP } from './opcode.ts'
import { isMinimalPush, MAX_ELEMENT_BYTES, MAX_SCRIPT_BYTES, stepAt } from './script.ts'
import { fail, type ScriptError, ScriptFailure, type ScriptRules } from './script-error.ts'
import { isTruthy, type ScriptChecker, ScriptMachine } from './script-machine.ts'
import { DISABLED, operations } from './script-operation.ts'
import { checkMultiSig, checkSig, type SignatureVersion } from './signature-operation.ts'

/** Law: most operations of a script that are not pushes. */
export const MAX_OPERATIONS = 201
/** Law: most elements on both stacks together. */
export const MAX_STACK_ELEMENTS = 1000
/** BIP 112: with this bit the operand of CHECKSEQUENCEVERIFY asks nothing. */
const SEQUENCE_DISABLED = 1n << 31n

export type ScriptContext = {
  readonly checker: ScriptChecker
  readonly rules: ScriptRules
  readonly version: SignatureVersion
}

/**
 * Runs `script` on `stack`, which it changes (Bitcoin Core's EvalScript for legacy and segwit v0). Whether the stack it leaves is
 * good is for the caller to judge.
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

const run = (machine: ScriptMachine, script: Uint8Array, { checker, rules, version }: ScriptContext): void => {
  if (script.length > MAX_SCRIPT_BYTES) fail('SCRIPT_SIZE')
  /** One entry per open IF: whether its current branch is taken. */
  const branches: boolean[] = []
  let operationCount = 0
  let codeStart = 0
  const countOperations = (count: number): void => {
    operationCount += count
    if (operationCount > MAX_OPERATIONS) fail('OP_COUNT')
  }
  const scriptCode = (): Uint8Array => script.subarray(codeStart)

  for (let at = 0; at < script.length; ) {
    const step = stepAt(script, at) ?? fail('BAD_OPCODE')
    at = step.next
    const { op, data } = step
    const live = !branches.includes(false)
    if (data !== undefined && data.length > MAX_ELEMENT_BYTES) fail('PUSH_SIZE')
    if (op > OP[16]) countOperations(1)
    if (DISABLED.has(op)) fail('DISABLED_OPCODE')
    if (op >= OP.IF && op <= OP.ENDIF) branch(machine, branches, op, live, version)
    else if (live && data !== undefined) {
      if (rules.minimalData && op <= OP.PUSHDATA4 && !isMinimalPush(op, data)) fail('MINIMALDATA')
      machine.push(data)
    } else if (live) {
      switch (op) {
        case OP.CODESEPARATOR:
          codeStart = at
          break
        case OP.CHECKSIG:
          checkSig(machine, checker, scriptCode(), version)
          break
        case OP.CHECKSIGVERIFY:
          checkSig(machine, checker, scriptCode(), version)
          machine.verify('CHECKSIGVERIFY')
          break
        case OP.CHECKMULTISIG:
          checkMultiSig(machine, checker, scriptCode(), version, countOperations)
          break
        case OP.CHECKMULTISIGVERIFY:
          checkMultiSig(machine, checker, scriptCode(), version, countOperations)
          machine.verify('CHECKMULTISIGVERIFY')
          break
        case OP.CHECKLOCKTIMEVERIFY:
          if (rules.lockTime) checkLockTime(machine, checker)
          else plain(machine, op, rules)
          break
        case OP.CHECKSEQUENCEVERIFY:
          if (rules.sequence) checkSequence(machine, checker)
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
  version: SignatureVersion,
): void => {
  switch (op) {
    case OP.IF:
    case OP.NOTIF: {
      let taken = false
      if (live) {
        const top = machine.stack.pop() ?? fail('UNBALANCED_CONDITIONAL')
        if (version === 'witness-v0' && machine.rules.minimalIf) {
          if (top.length > 1 || (top.length === 1 && top[0] !== 1)) fail('MINIMALIF')
        }
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

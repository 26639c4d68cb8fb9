import { DecodeError } from './decode-error.ts'
import { fail, type ScriptError } from './script-error.ts'
import { decodeScriptNumber, encodeScriptNumber } from './script-number.ts'
import type { ScriptRules } from './script-rules.ts'
import type { LeafSigned } from './sighash-taproot.ts'

/** What a script can ask about the transaction that runs it. */
export type ScriptChecker = {
  /** ECDSA; `signature` ends with its hash type. Never throws. */
  checkSignature(
    signature: Uint8Array,
    publicKey: Uint8Array,
    scriptCode: Uint8Array,
    version: 'base' | 'witness-v0',
  ): boolean
  /**
   * BIP 340; `publicKey` is x-only, `leaf` absent where the output's own key signs.
   *
   * @returns why the signature is not good
   */
  checkSchnorr(signature: Uint8Array, publicKey: Uint8Array, leaf?: LeafSigned): ScriptError | undefined
  checkLockTime(lockTime: bigint): boolean
  checkSequence(sequence: bigint): boolean
}

const TRUE = Uint8Array.of(1)
const FALSE = new Uint8Array(0)

/** Zero in any length, and negative zero, are false. */
export const isTruthy = (bytes: Uint8Array): boolean =>
  bytes.some((byte, i) => byte !== 0 && !(i === bytes.length - 1 && byte === 0x80))

/** The two stacks of a running script. Everything that takes throws `ScriptFailure` when there is not enough. */
export class ScriptMachine {
  readonly rules: ScriptRules
  readonly stack: Uint8Array[]
  readonly alt: Uint8Array[] = []

  constructor(stack: Uint8Array[], rules: ScriptRules) {
    this.stack = stack
    this.rules = rules
  }

  need(count: number): void {
    if (this.stack.length < count) fail('INVALID_STACK_OPERATION')
  }

  /** The element `depth` below the top; 0 is the top. */
  peek(depth = 0): Uint8Array {
    return this.stack[this.stack.length - 1 - depth] ?? fail('INVALID_STACK_OPERATION')
  }

  pop(): Uint8Array {
    return this.stack.pop() ?? fail('INVALID_STACK_OPERATION')
  }

  push(bytes: Uint8Array): void {
    this.stack.push(bytes)
  }

  pushBool(value: boolean): void {
    this.stack.push(value ? TRUE : FALSE)
  }

  pushNumber(value: bigint): void {
    this.stack.push(encodeScriptNumber(value))
  }

  /** Takes out the element `depth` below the top. */
  take(depth: number): Uint8Array {
    this.need(depth + 1)
    return this.stack.splice(this.stack.length - 1 - depth, 1)[0] as Uint8Array
  }

  /** Puts `bytes` so that `depth` elements are above it. */
  insert(depth: number, bytes: Uint8Array): void {
    this.need(depth)
    this.stack.splice(this.stack.length - depth, 0, bytes)
  }

  number(bytes: Uint8Array, mostBytes = 4): bigint {
    try {
      return decodeScriptNumber(bytes, mostBytes, this.rules.minimalData)
    } catch (error) {
      if (error instanceof DecodeError) return fail('SCRIPTNUM')
      throw error
    }
  }

  popNumber(): bigint {
    return this.number(this.pop())
  }

  /** Takes the top; a false one ends the script. */
  verify(code: ScriptError): void {
    if (!isTruthy(this.peek())) fail(code)
    this.pop()
  }
}

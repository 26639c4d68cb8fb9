import { DecodeError } from './decode-error.ts'
import { sha256 } from './hash.ts'
import { OP } from './opcode.ts'
import { encodeScriptNumber } from './script-number.ts'
import { Writer } from './writer.ts'

/** An opcode as a number, data to push, or an integer to push as a script number. */
export type ScriptPart = number | Uint8Array | bigint

/** One step of a script: `data` is there when the opcode pushes (also the constants, as the bytes they push). */
export type ScriptStep = { readonly op: number; readonly data?: Uint8Array }

/** Longest element of the stack in legacy and segwit v0 scripts. */
export const MAX_ELEMENT_BYTES = 520

/** Builds a script; data and integers are pushed in the shortest form (BIP 62 rule 3). */
export const compileScript = (parts: readonly ScriptPart[]): Uint8Array => {
  const writer = new Writer(64)
  for (const part of parts) {
    if (typeof part === 'number') writer.u8(part)
    else writePush(writer, typeof part === 'bigint' ? encodeScriptNumber(part) : part)
  }
  return writer.done()
}

const writePush = (writer: Writer, data: Uint8Array): void => {
  const constant = constantOf(data)
  if (constant !== undefined) writer.u8(constant)
  else if (data.length < OP.PUSHDATA1) writer.u8(data.length).bytes(data)
  else if (data.length <= 0xff) writer.u8(OP.PUSHDATA1).u8(data.length).bytes(data)
  else if (data.length <= 0xffff) writer.u8(OP.PUSHDATA2).u16(data.length).bytes(data)
  else writer.u8(OP.PUSHDATA4).u32(data.length).bytes(data)
}

/** The opcode that pushes exactly `data` by itself, if there is one. */
const constantOf = (data: Uint8Array): number | undefined => {
  if (data.length === 0) return OP[0]
  const only = data[0] as number
  if (data.length > 1) return undefined
  if (only >= 1 && only <= 16) return OP.RESERVED + only
  return only === 0x81 ? OP['1NEGATE'] : undefined
}

/** Whether `op` is the shortest push of `data`. */
export const isMinimalPush = (op: number, data: Uint8Array): boolean => {
  const constant = constantOf(data)
  if (constant !== undefined) return op === constant
  if (data.length < OP.PUSHDATA1) return op === data.length
  if (data.length <= 0xff) return op === OP.PUSHDATA1
  return op === (data.length <= 0xffff ? OP.PUSHDATA2 : OP.PUSHDATA4)
}

/** Splits a script into steps. @throws DecodeError `bad-push` when a push runs past the end */
export const parseScript = (script: Uint8Array): ScriptStep[] => {
  const steps: ScriptStep[] = []
  for (let at = 0; at < script.length; ) {
    const step = stepAt(script, at)
    if (step === undefined) throw new DecodeError('bad-push')
    steps.push(step.data === undefined ? { op: step.op } : { op: step.op, data: step.data })
    at = step.next
  }
  return steps
}

/** The step that begins at `at` and where the next begins; undefined when its push runs past the end. */
export const stepAt = (script: Uint8Array, at: number): (ScriptStep & { readonly next: number }) | undefined => {
  const op = script[at] as number
  if (op > OP.PUSHDATA4) {
    if (op === OP['1NEGATE']) return { op, data: Uint8Array.of(0x81), next: at + 1 }
    if (op >= OP[1] && op <= OP[16]) return { op, data: Uint8Array.of(op - OP.RESERVED), next: at + 1 }
    return { op, next: at + 1 }
  }
  const widthBytes = op < OP.PUSHDATA1 ? 0 : op === OP.PUSHDATA1 ? 1 : op === OP.PUSHDATA2 ? 2 : 4
  const start = at + 1 + widthBytes
  if (start > script.length) return undefined
  let size = widthBytes === 0 ? op : 0
  for (let i = widthBytes; i > 0; i--) size = size * 256 + (script[at + i] as number)
  if (start + size > script.length) return undefined
  return { op, data: script.subarray(start, start + size), next: start + size }
}

/** Pay to a key, segwit v0 (BIP 141): 22 bytes. @param keyHash hash160 of a compressed key */
export const p2wpkh = (keyHash: Uint8Array): Uint8Array => {
  if (keyHash.length !== 20) throw new RangeError('a key hash is 20 bytes')
  return compileScript([OP[0], keyHash])
}

/** Pay to a script, segwit v0 (BIP 141): 34 bytes. */
export const p2wsh = (witnessScript: Uint8Array): Uint8Array => compileScript([OP[0], sha256(witnessScript)])

/** The old pay-to-key-hash script; also the script code of a P2WPKH input (BIP 143). */
export const p2pkh = (keyHash: Uint8Array): Uint8Array =>
  compileScript([OP.DUP, OP.HASH160, keyHash, OP.EQUALVERIFY, OP.CHECKSIG])

/** An output that carries data and can never be spent. */
export const nullData = (data: Uint8Array): Uint8Array => compileScript([OP.RETURN, data])

/** What `nullData` carries; undefined when the script is anything else. */
export const isNullData = (script: Uint8Array): Uint8Array | undefined => {
  if (script[0] !== OP.RETURN || script.length < 2) return undefined
  const step = stepAt(script, 1)
  return step?.data !== undefined && step.next === script.length && isMinimalPush(step.op, step.data)
    ? step.data
    : undefined
}

export type WitnessProgram = { readonly version: number; readonly program: Uint8Array }

/** BIP 141: a version 0–16 and one direct push of 2–40 bytes, nothing else. */
export const witnessProgram = (script: Uint8Array): WitnessProgram | undefined => {
  const first = script[0] as number
  if (script.length < 4 || script.length > 42) return undefined
  if (first !== OP[0] && (first < OP[1] || first > OP[16])) return undefined
  if ((script[1] as number) + 2 !== script.length) return undefined
  return { version: first === OP[0] ? 0 : first - OP.RESERVED, program: script.subarray(2) }
}

/** Pay to a script's hash (BIP 16). @param scriptHash hash160 of the script */
export const p2sh = (scriptHash: Uint8Array): Uint8Array => compileScript([OP.HASH160, scriptHash, OP.EQUAL])

export const isP2pkh = (script: Uint8Array): boolean =>
  script.length === 25 &&
  script[0] === OP.DUP &&
  script[1] === OP.HASH160 &&
  script[2] === 20 &&
  script[23] === OP.EQUALVERIFY &&
  script[24] === OP.CHECKSIG

/** BIP 16: HASH160, a push of 20 bytes, EQUAL. */
export const isP2sh = (script: Uint8Array): boolean =>
  script.length === 23 && script[0] === OP.HASH160 && script[1] === 20 && script[22] === OP.EQUAL

/** Nothing but pushes (Bitcoin Core `IsPushOnly`); RESERVED counts as one. */
export const isPushOnly = (script: Uint8Array): boolean => {
  for (let at = 0; at < script.length; ) {
    const step = stepAt(script, at)
    if (step === undefined || step.op > OP[16]) return false
    at = step.next
  }
  return true
}

/** Pay to anchor: a witness program that anyone may spend, with no witness (Bitcoin Core `IsPayToAnchor`). */
export const isAnchor = ({ version, program }: WitnessProgram): boolean =>
  version === 1 && program.length === 2 && program[0] === 0x4e && program[1] === 0x73

/** Can never be spent: such an output is not kept among the coins (Bitcoin Core `IsUnspendable`). */
export const isUnspendable = (script: Uint8Array): boolean =>
  script[0] === OP.RETURN || script.length > MAX_SCRIPT_BYTES

export const MAX_SCRIPT_BYTES = 10_000

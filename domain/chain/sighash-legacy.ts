import { writeOutput } from './codec.ts'
import { sha256d } from './hash.ts'
import { OP } from './opcode.ts'
import { stepAt } from './script.ts'
import { SIGHASH } from './sighash.ts'
import type { Transaction, TxOutput } from './transaction.ts'
import { Writer } from './writer.ts'

/** What an output is in a digest that does not cover it. */
const BLANK: TxOutput = { value: -1n, script: new Uint8Array(0) }
/** What is signed where SINGLE finds no output of its own: the number one (an old bug that became law). */
const ONE = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : 0))

/**
 * What a signature outside a witness signs (Bitcoin Core SignatureHash, SigVersion::BASE). Each input hashes the whole
 * transaction anew: nothing is shared.
 *
 * @param scriptCode the script from the last executed CODESEPARATOR, its own signatures already taken out (`withoutPush`)
 * @param hashType the signature's last byte, or any 32 bits, as Core's vectors have it
 */
export const legacyDigest = (tx: Transaction, index: number, scriptCode: Uint8Array, hashType: number): Uint8Array => {
  const own = tx.inputs[index]
  if (own === undefined) throw new RangeError(`no input ${index}`)
  const base = hashType & 0x1f
  const single = base === SIGHASH.SINGLE
  if (single && index >= tx.outputs.length) return ONE
  const anyoneCanPay = (hashType & SIGHASH.ANYONECANPAY) !== 0
  const writer = new Writer(256 + scriptCode.length + 41 * tx.inputs.length)
  writer.u32(tx.version)
  writer.list(anyoneCanPay ? [own] : tx.inputs, (w, input) => {
    w.hash(input.txid).u32(input.vout)
    if (input === own) w.sized(withoutSeparators(scriptCode)).u32(input.sequence)
    else w.size(0).u32(single || base === SIGHASH.NONE ? 0 : input.sequence)
  })
  if (base === SIGHASH.NONE) writer.size(0)
  else if (single)
    writer.list(tx.outputs.slice(0, index + 1), (w, output) =>
      writeOutput(w, output === tx.outputs[index] ? output : BLANK),
    )
  else writer.list(tx.outputs, writeOutput)
  writer.u32(tx.lockTime).u32(hashType >>> 0)
  return sha256d(writer.done())
}

const withoutSeparators = (script: Uint8Array): Uint8Array => {
  if (!script.includes(OP.CODESEPARATOR)) return script
  const kept = new Writer(script.length)
  let from = 0
  for (let at = 0; at < script.length; ) {
    const step = stepAt(script, at)
    if (step === undefined) break
    if (step.op === OP.CODESEPARATOR) {
      kept.bytes(script.subarray(from, at))
      from = step.next
    }
    at = step.next
  }
  return kept.bytes(script.subarray(from)).done()
}

/** The push of `data` by its length alone, never as a constant: how Bitcoin Core writes a signature into a script, and looks for one. */
export const plainPush = (data: Uint8Array): Uint8Array => {
  const writer = new Writer(data.length + 5)
  if (data.length < OP.PUSHDATA1) writer.u8(data.length)
  else if (data.length <= 0xff) writer.u8(OP.PUSHDATA1).u8(data.length)
  else writer.u8(OP.PUSHDATA2).u16(data.length)
  return writer.bytes(data).done()
}

/**
 * The script without each push of `data` that begins where an opcode does (Bitcoin Core's FindAndDelete): a signature cannot
 * sign itself.
 *
 * @returns `script` itself when there is none
 */
export const withoutPush = (script: Uint8Array, data: Uint8Array): Uint8Array => {
  const wanted = plainPush(data)
  const found = (at: number): boolean => wanted.every((byte, i) => script[at + i] === byte)
  let kept: Writer | undefined
  let from = 0
  for (let at = 0; at < script.length; ) {
    const start = at
    while (found(at)) at += wanted.length
    if (at > start) {
      kept ??= new Writer(script.length)
      kept.bytes(script.subarray(from, start))
      from = at
    }
    const step = at < script.length ? stepAt(script, at) : undefined
    if (step === undefined) break
    at = step.next
  }
  return kept === undefined ? script : kept.bytes(script.subarray(from)).done()
}

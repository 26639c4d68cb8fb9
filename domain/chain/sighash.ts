import { writeOutput } from './codec.ts'
import { sha256d } from './hash.ts'
import type { Transaction } from './transaction.ts'
import { Writer } from './writer.ts'

/** What a signature covers: its last byte. `ANYONECANPAY` is added to one of the others. */
export const SIGHASH = { ALL: 0x01, NONE: 0x02, SINGLE: 0x03, ANYONECANPAY: 0x80 } as const

/** The parts of BIP 143 digests that all inputs of one transaction share; make one per transaction and pass it along. */
export type DigestCache = { prevouts?: Uint8Array; sequences?: Uint8Array; outputs?: Uint8Array }

const ZERO = new Uint8Array(32)

/**
 * What a segwit v0 signature signs (BIP 143), for every hash type.
 *
 * @param scriptCode the witness script from the last executed CODESEPARATOR, or `p2pkh(keyHash)` for P2WPKH
 * @param value sats of the spent output
 * @param hashType the signature's last byte, as it is
 */
export const witnessV0Digest = (
  tx: Transaction,
  index: number,
  scriptCode: Uint8Array,
  value: bigint,
  hashType: number,
  cache: DigestCache = {},
): Uint8Array => {
  const input = tx.inputs[index]
  if (input === undefined) throw new RangeError(`no input ${index}`)
  const anyoneCanPay = (hashType & SIGHASH.ANYONECANPAY) !== 0
  const base = hashType & 0x1f
  const writer = new Writer(192 + scriptCode.length)
  writer.u32(tx.version)
  writer.bytes(anyoneCanPay ? ZERO : prevoutsHash(tx, cache))
  writer.bytes(anyoneCanPay || base === SIGHASH.SINGLE || base === SIGHASH.NONE ? ZERO : sequencesHash(tx, cache))
  writer.hash(input.txid).u32(input.vout).sized(scriptCode).i64(value).u32(input.sequence)
  writer.bytes(outputsHash(tx, index, base, cache))
  writer.u32(tx.lockTime).u32(hashType)
  return sha256d(writer.done())
}

const prevoutsHash = (tx: Transaction, cache: DigestCache): Uint8Array => {
  if (cache.prevouts !== undefined) return cache.prevouts
  const writer = new Writer(36 * tx.inputs.length)
  for (const input of tx.inputs) writer.hash(input.txid).u32(input.vout)
  cache.prevouts = sha256d(writer.done())
  return cache.prevouts
}

const sequencesHash = (tx: Transaction, cache: DigestCache): Uint8Array => {
  if (cache.sequences !== undefined) return cache.sequences
  const writer = new Writer(4 * tx.inputs.length)
  for (const input of tx.inputs) writer.u32(input.sequence)
  cache.sequences = sha256d(writer.done())
  return cache.sequences
}

const outputsHash = (tx: Transaction, index: number, base: number, cache: DigestCache): Uint8Array => {
  if (base === SIGHASH.NONE) return ZERO
  if (base === SIGHASH.SINGLE) {
    const output = tx.outputs[index]
    // BIP 143: SINGLE with no output at that index signs a zero hash here (unlike the old digest, which signed the number one).
    if (output === undefined) return ZERO
    const writer = new Writer(64)
    writeOutput(writer, output)
    return sha256d(writer.done())
  }
  if (cache.outputs !== undefined) return cache.outputs
  const writer = new Writer(64 * tx.outputs.length)
  for (const output of tx.outputs) writeOutput(writer, output)
  cache.outputs = sha256d(writer.done())
  return cache.outputs
}

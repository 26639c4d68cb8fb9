import { writeOutput } from './codec.ts'
import { sha256, sha256d } from './hash.ts'
import type { Transaction, TxOutput } from './transaction.ts'
import { Writer } from './writer.ts'

/** What a signature covers: its last byte. `ANYONECANPAY` is added to one of the others; taproot has `DEFAULT` for no byte. */
export const SIGHASH = { DEFAULT: 0x00, ALL: 0x01, NONE: 0x02, SINGLE: 0x03, ANYONECANPAY: 0x80 } as const

type Part = 'prevouts' | 'sequences' | 'outputs' | 'amounts' | 'scripts'

/**
 * What the digests of all inputs of one transaction share, hashed once (BIP 341) and twice (BIP 143); make one per transaction
 * and pass it along.
 */
export type DigestCache = {
  once?: { [part in Part]?: Uint8Array }
  twice?: { [part in Part]?: Uint8Array }
}

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
  const ofAll = base !== SIGHASH.SINGLE && base !== SIGHASH.NONE
  const writer = new Writer(192 + scriptCode.length)
  writer.u32(tx.version)
  writer.bytes(anyoneCanPay ? ZERO : twice(cache, 'prevouts', () => prevoutsHash(tx, cache)))
  writer.bytes(anyoneCanPay || !ofAll ? ZERO : twice(cache, 'sequences', () => sequencesHash(tx, cache)))
  writer.hash(input.txid).u32(input.vout).sized(scriptCode).i64(value).u32(input.sequence)
  if (ofAll) writer.bytes(twice(cache, 'outputs', () => outputsHash(tx, cache)))
  else writer.bytes(base === SIGHASH.SINGLE ? singleOutputHash(tx, index) : ZERO)
  writer.u32(tx.lockTime).u32(hashType)
  return sha256d(writer.done())
}

// BIP 143: SINGLE with no output at that index signs a zero hash here (unlike the old digest, which signed the number one).
const singleOutputHash = (tx: Transaction, index: number): Uint8Array => {
  const output = tx.outputs[index]
  return output === undefined ? ZERO : sha256(outputHash(output))
}

const once = (cache: DigestCache, part: Part, sizeBytes: number, write: (writer: Writer) => void): Uint8Array => {
  cache.once ??= {}
  const known = cache.once[part]
  if (known !== undefined) return known
  const writer = new Writer(sizeBytes)
  write(writer)
  const hash = sha256(writer.done())
  cache.once[part] = hash
  return hash
}

const twice = (cache: DigestCache, part: Part, single: () => Uint8Array): Uint8Array => {
  cache.twice ??= {}
  const known = cache.twice[part]
  if (known !== undefined) return known
  const hash = sha256(single())
  cache.twice[part] = hash
  return hash
}

// All of these are one SHA-256, as BIP 341 names them.

export const prevoutsHash = (tx: Transaction, cache: DigestCache): Uint8Array =>
  once(cache, 'prevouts', 36 * tx.inputs.length, (writer) => {
    for (const input of tx.inputs) writer.hash(input.txid).u32(input.vout)
  })

export const sequencesHash = (tx: Transaction, cache: DigestCache): Uint8Array =>
  once(cache, 'sequences', 4 * tx.inputs.length, (writer) => {
    for (const input of tx.inputs) writer.u32(input.sequence)
  })

export const outputsHash = (tx: Transaction, cache: DigestCache): Uint8Array =>
  once(cache, 'outputs', 64 * tx.outputs.length, (writer) => {
    for (const output of tx.outputs) writeOutput(writer, output)
  })

/** @param spent what each input spends, in order */
export const amountsHash = (spent: readonly TxOutput[], cache: DigestCache): Uint8Array =>
  once(cache, 'amounts', 8 * spent.length, (writer) => {
    for (const { value } of spent) writer.i64(value)
  })

/** @param spent what each input spends, in order */
export const scriptsHash = (spent: readonly TxOutput[], cache: DigestCache): Uint8Array =>
  once(cache, 'scripts', 40 * spent.length, (writer) => {
    for (const { script } of spent) writer.sized(script)
  })

export const outputHash = (output: TxOutput): Uint8Array => {
  const writer = new Writer(64)
  writeOutput(writer, output)
  return sha256(writer.done())
}

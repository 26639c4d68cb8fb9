import type { Block, BlockHeader } from './block.ts'
import { DecodeError } from './decode-error.ts'
import { toDisplay } from './display-hash.ts'
import { sha256d } from './hash.ts'
import { Reader } from './reader.ts'
import type { Transaction, TxInput, TxOutput } from './transaction.ts'
import { Writer } from './writer.ts'

/** An input without script: txid, index, length, sequence. */
const LEAST_INPUT_BYTES = 41
/** An output without script: value, length. */
const LEAST_OUTPUT_BYTES = 9
/** No inputs, no outputs. */
const LEAST_TRANSACTION_BYTES = 10
export const HEADER_BYTES = 80
const WITNESS_FLAG = 1

export const hasWitness = (tx: Transaction): boolean => tx.inputs.some((input) => input.witness.length > 0)

/**
 * The wire form. With a witness: BIP 144 (marker, flag, witnesses). Without, or with `witness: false`: the old form, whose
 * hash is the txid. The witness form of a transaction with no inputs is not defined and the old one is ambiguous: read such
 * bytes with `witness: false`.
 */
export const encodeTransaction = (tx: Transaction, { witness = true }: { witness?: boolean } = {}): Uint8Array => {
  const writer = new Writer()
  writeTransaction(writer, tx, witness)
  return writer.done()
}

/**
 * One whole transaction, as Bitcoin Core's `UnserializeTransaction`.
 *
 * @param witness whether the BIP 144 form is understood (as on the wire) or the bytes are the old form
 * @throws DecodeError
 */
export const decodeTransaction = (bytes: Uint8Array, { witness = true }: { witness?: boolean } = {}): Transaction => {
  const reader = new Reader(bytes)
  const tx = readTransaction(reader, witness)
  reader.end()
  return tx
}

export const writeTransaction = (writer: Writer, tx: Transaction, allowWitness = true): void => {
  const witness = allowWitness && hasWitness(tx)
  writer.u32(tx.version)
  if (witness) writer.u8(0).u8(WITNESS_FLAG)
  writer.list(tx.inputs, writeInput).list(tx.outputs, writeOutput)
  if (witness) for (const input of tx.inputs) writer.list(input.witness, (w, item) => w.sized(item))
  writer.u32(tx.lockTime)
}

export const readTransaction = (reader: Reader, allowWitness = true): Transaction => {
  const version = reader.u32()
  let inputs = reader.list(LEAST_INPUT_BYTES, readInput)
  let outputs: TxOutput[] = []
  let flags = 0
  if (inputs.length === 0 && allowWitness) {
    flags = reader.u8()
    if (flags !== 0) {
      inputs = reader.list(LEAST_INPUT_BYTES, readInput)
      outputs = reader.list(LEAST_OUTPUT_BYTES, readOutput)
    }
  } else {
    outputs = reader.list(LEAST_OUTPUT_BYTES, readOutput)
  }
  if ((flags & WITNESS_FLAG) !== 0) {
    flags ^= WITNESS_FLAG
    inputs = inputs.map((input) => ({ ...input, witness: reader.list(1, (r) => r.sized()) }))
    if (inputs.every((input) => input.witness.length === 0)) throw new DecodeError('superfluous-witness')
  }
  if (flags !== 0) throw new DecodeError('unknown-flag')
  return { version, inputs, outputs, lockTime: reader.u32() }
}

const writeInput = (writer: Writer, input: TxInput): void => {
  writer.hash(input.txid).u32(input.vout).sized(input.scriptSig).u32(input.sequence)
}

const readInput = (reader: Reader): TxInput => ({
  txid: reader.hash(),
  vout: reader.u32(),
  scriptSig: reader.sized(),
  sequence: reader.u32(),
  witness: [],
})

export const writeOutput = (writer: Writer, output: TxOutput): void => {
  writer.i64(output.value).sized(output.script)
}

export const readOutput = (reader: Reader): TxOutput => ({ value: reader.i64(), script: reader.sized() })

/** 80 bytes. */
export const encodeHeader = (header: BlockHeader): Uint8Array => {
  const writer = new Writer(HEADER_BYTES)
  writeHeader(writer, header)
  return writer.done()
}

/** @throws DecodeError when `bytes` are not exactly 80 */
export const decodeHeader = (bytes: Uint8Array): BlockHeader => {
  const reader = new Reader(bytes)
  const header = readHeader(reader)
  reader.end()
  return header
}

export const writeHeader = (writer: Writer, header: BlockHeader): void => {
  writer.i32(header.version).hash(header.previous).hash(header.merkleRoot)
  writer.u32(header.time).u32(header.bits).u32(header.nonce)
}

export const readHeader = (reader: Reader): BlockHeader => ({
  version: reader.i32(),
  previous: reader.hash(),
  merkleRoot: reader.hash(),
  time: reader.u32(),
  bits: reader.u32(),
  nonce: reader.u32(),
})

export const encodeBlock = (block: Block, { witness = true }: { witness?: boolean } = {}): Uint8Array => {
  const writer = new Writer(4096)
  writeHeader(writer, block.header)
  writer.list(block.transactions, (w, tx) => writeTransaction(w, tx, witness))
  return writer.done()
}

/** @throws DecodeError */
export const decodeBlock = (bytes: Uint8Array): Block => {
  const reader = new Reader(bytes)
  const header = readHeader(reader)
  const transactions = reader.list(LEAST_TRANSACTION_BYTES, (r) => readTransaction(r))
  reader.end()
  return { header, transactions }
}

// A value is immutable, so what follows from it may be remembered with it: merkle root, connecting and the mempool all ask.
type Measures = { txid: string; witnessId: string; baseBytes: number; totalBytes: number }
const measured = new WeakMap<Transaction, Measures>()

const measuresOf = (tx: Transaction): Measures => {
  const known = measured.get(tx)
  if (known !== undefined) return known
  const base = encodeTransaction(tx, { witness: false })
  const txid = toDisplay(sha256d(base))
  const total = hasWitness(tx) ? encodeTransaction(tx) : base
  const witnessId = total === base ? txid : toDisplay(sha256d(total))
  const measures = { txid, witnessId, baseBytes: base.length, totalBytes: total.length }
  measured.set(tx, measures)
  return measures
}

/** Hash of the old form, display order. */
export const transactionId = (tx: Transaction): string => measuresOf(tx).txid

/** Hash of the whole form (wtxid, BIP 141), display order; the txid where there is no witness. */
export const witnessId = (tx: Transaction): string => measuresOf(tx).witnessId

/** Hash of the 80 bytes, display order. */
export const headerHash = (header: BlockHeader): string => toDisplay(sha256d(encodeHeader(header)))

/** Size without witness. */
export const strippedSize = (tx: Transaction): number => measuresOf(tx).baseBytes

/** Size on the wire. */
export const totalSize = (tx: Transaction): number => measuresOf(tx).totalBytes

/** BIP 141: three times the size without witness plus the whole size. */
export const transactionWeight = (tx: Transaction): number => strippedSize(tx) * 3 + totalSize(tx)

/** A quarter of the weight, rounded up: what fee rates count. */
export const virtualSize = (tx: Transaction): number => Math.ceil(transactionWeight(tx) / 4)

import { equal, fromHex } from '../bytes.ts'
import { decodeTransaction, encodeTransaction, transactionId } from '../chain/codec.ts'
import { Reader } from '../chain/reader.ts'
import type { Transaction, TxOutput } from '../chain/transaction.ts'
import { Writer } from '../chain/writer.ts'
import { bad, keyOf, malformed, type PsbtMap, reading, readMap, writeMap } from './psbt-map.ts'
import { readParts, writeParts } from './psbt-v2.ts'

/** Nobody makes a larger one for what nodes relay: a transaction of 100 kvB with what it spends. */
export const MAX_PSBT_BYTES = 1_000_000

/** Key types (BIP 174). All others are carried along as they are. */
export const PSBT = {
  global: { unsignedTx: 0x00, version: 0xfb },
  input: {
    nonWitnessUtxo: 0x00,
    witnessUtxo: 0x01,
    partialSig: 0x02,
    sighashType: 0x03,
    derivation: 0x06,
    finalScriptSig: 0x07,
    finalWitness: 0x08,
  },
  output: { derivation: 0x02 },
} as const

/** A partially signed transaction (BIP 174, BIP 370). `tx` has neither scripts nor witnesses; `global` is all but it. */
export type Psbt = {
  /** In which form it came, and is written again. */
  readonly version: 0 | 2
  readonly tx: Transaction
  readonly global: PsbtMap
  readonly inputs: readonly PsbtMap[]
  readonly outputs: readonly PsbtMap[]
}

const MAGIC = Uint8Array.of(0x70, 0x73, 0x62, 0x74, 0xff)

/** Data of all keys of one type, with their values. */
export const entriesOf = (map: PsbtMap, type: number): { readonly data: Uint8Array; readonly value: Uint8Array }[] => {
  const prefix = keyOf(type)
  return [...map].flatMap(([key, value]) =>
    key.startsWith(prefix) ? [{ data: fromHex(key.slice(prefix.length)), value }] : [],
  )
}

/** The output that an input says it spends. @throws Fault `wallet.bad-psbt` when it contradicts itself */
export const spentOutput = ({ tx, inputs }: Psbt, index: number): TxOutput | undefined => {
  const map = inputs[index]!
  const { txid, vout } = tx.inputs[index]!
  const [before, alone] = [map.get(keyOf(PSBT.input.nonWitnessUtxo)), map.get(keyOf(PSBT.input.witnessUtxo))]
  const output = alone && reading(alone, readOutput)
  if (before === undefined) return output
  const parent = malformed(() => decodeTransaction(before))
  const found = parent.outputs[vout]
  if (transactionId(parent) !== txid || found === undefined) throw bad(`input ${index} spends another transaction`)
  if (output !== undefined && (output.value !== found.value || !equal(output.script, found.script)))
    throw bad(`input ${index} says two things of what it spends`)
  return found
}

export const outputValue = ({ value, script }: TxOutput): Uint8Array => new Writer().i64(value).sized(script).done()

/** A witness as the value of a final input. */
export const witnessValue = (witness: readonly Uint8Array[]): Uint8Array =>
  new Writer().list(witness, (writer, item) => writer.sized(item)).done()

export const readWitness = (value: Uint8Array): Uint8Array[] =>
  reading(value, (reader) => reader.list(1, (item) => item.sized()))

export const encodePsbt = (psbt: Psbt): Uint8Array => {
  const writer = new Writer().bytes(MAGIC)
  const { version, tx, global, inputs, outputs } = psbt
  if (version === 2) {
    writeParts(writer, psbt)
    return writer.done()
  }
  const bare = encodeTransaction(tx, { witness: false })
  writeMap(writer, new Map([[keyOf(PSBT.global.unsignedTx), bare], ...global]))
  for (const map of [...inputs, ...outputs]) writeMap(writer, map)
  return writer.done()
}

/** @throws Fault `wallet.bad-psbt` for anything but a PSBT of version 0 or 2 that keeps the rules of BIP 174 and BIP 370 */
export const decodePsbt = (bytes: Uint8Array): Psbt => {
  if (bytes.length > MAX_PSBT_BYTES) throw bad(`longer than ${MAX_PSBT_BYTES} bytes`)
  if (!equal(bytes.subarray(0, MAGIC.length), MAGIC)) throw bad('it does not begin as one')
  return malformed(() => {
    const reader = new Reader(bytes.subarray(MAGIC.length))
    const global = new Map(readMap(reader))
    const version = global.get(keyOf(PSBT.global.version))
    const number = version === undefined ? 0 : reading(version, (it) => it.u32())
    const raw = global.get(keyOf(PSBT.global.unsignedTx))
    if (number === 2 && raw === undefined) return whole({ version: 2, ...readParts(global, reader) }, reader)
    if (number !== 0) throw bad('only versions 0 and 2 are understood')
    if (raw === undefined) throw bad('there is no transaction in it')
    global.delete(keyOf(PSBT.global.unsignedTx))
    const tx = decodeTransaction(raw, { witness: false })
    if (tx.inputs.some(({ scriptSig }) => scriptSig.length > 0)) throw bad('its transaction has scripts already')
    const inputs = tx.inputs.map(() => readMap(reader))
    const outputs = tx.outputs.map(() => readMap(reader))
    return whole({ version: 0, tx, global, inputs, outputs }, reader)
  })
}

/** Nothing follows, and no input contradicts itself. */
const whole = (psbt: Psbt, reader: Reader): Psbt => {
  reader.end()
  for (const index of psbt.inputs.keys()) spentOutput(psbt, index)
  return psbt
}

/** A map with more in it; what it has stays. */
export const withEntries = (map: PsbtMap, entries: Iterable<readonly [string, Uint8Array]>): PsbtMap =>
  new Map([...entries, ...map])

/**
 * What several parties did to the same transaction, in one. Where two say something else under one key, the first counts.
 *
 * @throws Fault `wallet.bad-psbt` when they are not of one transaction
 */
export const combinePsbts = (parts: readonly Psbt[]): Psbt => {
  const [first, ...rest] = parts
  if (first === undefined) throw bad('there is none')
  const bare = (psbt: Psbt) => encodeTransaction(psbt.tx, { witness: false })
  if (rest.some((psbt) => !equal(bare(psbt), bare(first)))) throw bad('they are not of one transaction')
  return rest.reduce<Psbt>(
    (all, psbt) => ({
      version: all.version,
      tx: all.tx,
      global: withEntries(all.global, psbt.global),
      inputs: all.inputs.map((map, i) => withEntries(map, psbt.inputs[i]!)),
      outputs: all.outputs.map((map, i) => withEntries(map, psbt.outputs[i]!)),
    }),
    first,
  )
}

const readOutput = (reader: Reader): TxOutput => ({ value: reader.i64(), script: reader.sized() })

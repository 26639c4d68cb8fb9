import { equal, fromHex, toHex } from '../bytes.ts'
import { decodeTransaction, encodeTransaction, transactionId } from '../chain/codec.ts'
import { DecodeError } from '../chain/decode-error.ts'
import { Reader } from '../chain/reader.ts'
import type { Transaction, TxOutput } from '../chain/transaction.ts'
import { Writer } from '../chain/writer.ts'
import { Fault } from '../fault.ts'

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

/** One map of a PSBT: values by key (type, then key data), hex. */
export type PsbtMap = ReadonlyMap<string, Uint8Array>

/** A partially signed transaction, version 0 (BIP 174). `tx` has neither scripts nor witnesses; `global` is all but it. */
export type Psbt = {
  readonly tx: Transaction
  readonly global: PsbtMap
  readonly inputs: readonly PsbtMap[]
  readonly outputs: readonly PsbtMap[]
}

const MAGIC = Uint8Array.of(0x70, 0x73, 0x62, 0x74, 0xff)

export const keyOf = (type: number, data: Uint8Array = new Uint8Array(0)): string =>
  toHex(Uint8Array.of(type)) + toHex(data)

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
  const [whole, alone] = [map.get(keyOf(PSBT.input.nonWitnessUtxo)), map.get(keyOf(PSBT.input.witnessUtxo))]
  const output = alone && reading(() => new Reader(alone), readOutput)
  if (whole === undefined) return output
  const before = malformed(() => decodeTransaction(whole))
  const found = before.outputs[vout]
  if (transactionId(before) !== txid || found === undefined) throw bad(`input ${index} spends another transaction`)
  if (output !== undefined && (output.value !== found.value || !equal(output.script, found.script)))
    throw bad(`input ${index} says two things of what it spends`)
  return found
}

export const outputValue = ({ value, script }: TxOutput): Uint8Array => new Writer().i64(value).sized(script).done()

/** A witness as the value of a final input. */
export const witnessValue = (witness: readonly Uint8Array[]): Uint8Array =>
  new Writer().list(witness, (writer, item) => writer.sized(item)).done()

export const readWitness = (value: Uint8Array): Uint8Array[] =>
  reading(
    () => new Reader(value),
    (reader) => reader.list(1, (item) => item.sized()),
  )

export const encodePsbt = ({ tx, global, inputs, outputs }: Psbt): Uint8Array => {
  const writer = new Writer().bytes(MAGIC)
  const bare = encodeTransaction(tx, { witness: false })
  writeMap(writer, new Map([[keyOf(PSBT.global.unsignedTx), bare], ...global]))
  for (const map of [...inputs, ...outputs]) writeMap(writer, map)
  return writer.done()
}

/** @throws Fault `wallet.bad-psbt` for anything but a PSBT of version 0 that keeps BIP 174's rules */
export const decodePsbt = (bytes: Uint8Array): Psbt => {
  if (bytes.length > MAX_PSBT_BYTES) throw bad(`longer than ${MAX_PSBT_BYTES} bytes`)
  if (!equal(bytes.subarray(0, MAGIC.length), MAGIC)) throw bad('it does not begin as one')
  return malformed(() => {
    const reader = new Reader(bytes.subarray(MAGIC.length))
    const global = new Map(readMap(reader))
    const version = global.get(keyOf(PSBT.global.version))
    if (version?.some((byte) => byte !== 0)) throw bad('only version 0 is understood')
    const raw = global.get(keyOf(PSBT.global.unsignedTx))
    if (raw === undefined) throw bad('there is no transaction in it')
    global.delete(keyOf(PSBT.global.unsignedTx))
    const tx = decodeTransaction(raw, { witness: false })
    if (tx.inputs.some(({ scriptSig }) => scriptSig.length > 0)) throw bad('its transaction has scripts already')
    const inputs = tx.inputs.map(() => readMap(reader))
    const outputs = tx.outputs.map(() => readMap(reader))
    reader.end()
    const psbt = { tx, global, inputs, outputs }
    for (const index of inputs.keys()) spentOutput(psbt, index)
    return psbt
  })
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
      tx: all.tx,
      global: withEntries(all.global, psbt.global),
      inputs: all.inputs.map((map, i) => withEntries(map, psbt.inputs[i]!)),
      outputs: all.outputs.map((map, i) => withEntries(map, psbt.outputs[i]!)),
    }),
    first,
  )
}

const writeMap = (writer: Writer, map: PsbtMap): void => {
  for (const [key, value] of [...map].sort(([a], [b]) => (a < b ? -1 : 1))) writer.sized(fromHex(key)).sized(value)
  writer.u8(0)
}

const readMap = (reader: Reader): PsbtMap => {
  const map = new Map<string, Uint8Array>()
  for (;;) {
    const key = reader.sized()
    if (key.length === 0) return map
    const name = toHex(key)
    if (map.has(name)) throw bad(`a key stands twice: ${name.slice(0, 80)}`)
    map.set(name, reader.sized())
  }
}

const readOutput = (reader: Reader): TxOutput => ({ value: reader.i64(), script: reader.sized() })

const reading = <T>(open: () => Reader, read: (reader: Reader) => T): T =>
  malformed(() => {
    const reader = open()
    const value = read(reader)
    reader.end()
    return value
  })

const malformed = <T>(read: () => T): T => {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof DecodeError) throw bad(cause.code, cause)
    throw cause
  }
}

export const bad = (why: string, cause?: unknown): Fault =>
  new Fault('wallet.bad-psbt', `not a PSBT that can be used: ${why}`, {
    culprit: 'you',
    next: 'Ask whoever made it for one of version 0 (BIP 174), whole and in base64.',
    cause,
  })

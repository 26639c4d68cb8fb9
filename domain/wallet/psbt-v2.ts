import { LOCKTIME_THRESHOLD, SEQUENCE_FINAL } from '../chain/locktime.ts'
import type { Reader } from '../chain/reader.ts'
import type { Transaction, TxInput, TxOutput } from '../chain/transaction.ts'
import { Writer } from '../chain/writer.ts'
import { bad, keyOf, type PsbtMap, reading, readMap, writeMap } from './psbt-map.ts'

// PSBT version 2 (BIP 370): the transaction is not one field, its parts stand in the maps.

const GLOBAL = { txVersion: 0x02, fallbackLockTime: 0x03, inputs: 0x04, outputs: 0x05, version: 0xfb } as const
const INPUT = { txid: 0x0e, vout: 0x0f, sequence: 0x10, timeLock: 0x11, heightLock: 0x12 } as const
const OUTPUT = { amount: 0x03, script: 0x04 } as const
/** Nobody relays a transaction of more. */
const MOST = 100_000
const VERSION = 2

type Parts = {
  readonly tx: Transaction
  readonly global: PsbtMap
  readonly inputs: readonly PsbtMap[]
  readonly outputs: readonly PsbtMap[]
}

/** The maps of a PSBT whose global map says version 2. @throws Fault `wallet.bad-psbt` */
export const readParts = (global: PsbtMap, reader: Reader): Parts => {
  const u32 = (map: PsbtMap, type: number): number | undefined => {
    const value = map.get(keyOf(type))
    return value && reading(value, (it) => it.u32())
  }
  const count = (type: number): number => {
    const value = global.get(keyOf(type))
    const found = value && reading(value, (it) => it.size())
    if (found === undefined || found > MOST) throw bad('it does not say how much is in it')
    return found
  }
  const version = global.get(keyOf(GLOBAL.txVersion))
  if (version === undefined) throw bad('there is no transaction in it')
  const inputs = Array.from({ length: count(GLOBAL.inputs) }, () => readMap(reader))
  const outputs = Array.from({ length: count(GLOBAL.outputs) }, () => readMap(reader))
  const tx: Transaction = {
    version: reading(version, (it) => it.i32()),
    inputs: inputs.map((map): TxInput => {
      const [txid, vout] = [map.get(keyOf(INPUT.txid)), u32(map, INPUT.vout)]
      if (txid === undefined || vout === undefined) throw bad('an input does not say what it spends')
      const sequence = u32(map, INPUT.sequence) ?? SEQUENCE_FINAL
      return { txid: reading(txid, (it) => it.hash()), vout, scriptSig: new Uint8Array(0), sequence, witness: [] }
    }),
    outputs: outputs.map((map): TxOutput => {
      const [amount, script] = [map.get(keyOf(OUTPUT.amount)), map.get(keyOf(OUTPUT.script))]
      if (amount === undefined || script === undefined) throw bad('an output does not say what it pays')
      return { value: reading(amount, (it) => it.i64()), script }
    }),
    lockTime: lockTimeOf(inputs, u32(global, GLOBAL.fallbackLockTime) ?? 0, u32),
  }
  return { tx, global: without(global, STRUCTURE), inputs, outputs }
}

/** What is written anew from the transaction. */
const STRUCTURE: readonly number[] = [GLOBAL.txVersion, GLOBAL.inputs, GLOBAL.outputs, GLOBAL.version]

const without = (map: PsbtMap, types: readonly number[]): PsbtMap =>
  new Map([...map].filter(([key]) => !types.some((type) => key === keyOf(type))))

/** The least that all inputs which ask for one allow, by height where they can. @throws Fault `wallet.bad-psbt` */
const lockTimeOf = (
  inputs: readonly PsbtMap[],
  fallback: number,
  u32: (map: PsbtMap, type: number) => number | undefined,
): number => {
  const asked = inputs
    .map((map) => ({ height: u32(map, INPUT.heightLock), time: u32(map, INPUT.timeLock) }))
    .filter(({ height, time }) => height !== undefined || time !== undefined)
  if (asked.length === 0) return fallback
  for (const kind of ['height', 'time'] as const) {
    const all = asked.map((each) => each[kind])
    if (all.includes(undefined)) continue
    const most = Math.max(...(all as number[]))
    if (kind === 'height' ? most >= LOCKTIME_THRESHOLD : most < LOCKTIME_THRESHOLD) throw bad('a lock time of no kind')
    return most
  }
  throw bad('its inputs ask for lock times that exclude each other')
}

/** The maps of a PSBT as version 2 has them, behind the magic. */
export const writeParts = (writer: Writer, { tx, global, inputs, outputs }: Parts): void => {
  const with4 = (value: number) => new Writer().u32(value).done()
  const size = (value: number) => new Writer().size(value).done()
  const locks = inputs.some((map) => map.has(keyOf(INPUT.heightLock)) || map.has(keyOf(INPUT.timeLock)))
  writeMap(
    writer,
    new Map([
      ...(locks || tx.lockTime === 0 ? [] : [[keyOf(GLOBAL.fallbackLockTime), with4(tx.lockTime)] as const]),
      ...global,
      [keyOf(GLOBAL.txVersion), new Writer().i32(tx.version).done()],
      [keyOf(GLOBAL.inputs), size(tx.inputs.length)],
      [keyOf(GLOBAL.outputs), size(tx.outputs.length)],
      [keyOf(GLOBAL.version), with4(VERSION)],
    ]),
  )
  for (const [at, { txid, vout, sequence }] of tx.inputs.entries())
    writeMap(
      writer,
      new Map([
        ...inputs[at]!,
        [keyOf(INPUT.txid), new Writer().hash(txid).done()],
        [keyOf(INPUT.vout), with4(vout)],
        [keyOf(INPUT.sequence), with4(sequence)],
      ]),
    )
  for (const [at, { value, script }] of tx.outputs.entries())
    writeMap(
      writer,
      new Map([
        ...outputs[at]!,
        [keyOf(OUTPUT.amount), new Writer().i64(value).done()],
        [keyOf(OUTPUT.script), script],
      ]),
    )
}

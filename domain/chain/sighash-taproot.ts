import { sha256, taggedHash } from './hash.ts'
import {
  amountsHash,
  type DigestCache,
  outputHash,
  outputsHash,
  prevoutsHash,
  SIGHASH,
  scriptsHash,
  sequencesHash,
} from './sighash.ts'
import type { Transaction, TxOutput } from './transaction.ts'
import { Writer } from './writer.ts'

/** What a signature in a tapscript signs beside the transaction (BIP 342). */
export type LeafSigned = {
  readonly hash: Uint8Array
  /** Opcode number of the last executed CODESEPARATOR; 0xffffffff for none. */
  readonly separatorAt: number
}

export type TaprootSigned = {
  /** What each input spends, in order. */
  readonly spent: readonly TxOutput[]
  readonly annex?: Uint8Array | undefined
  /** Absent where the output's own key signs. */
  readonly leaf?: LeafSigned | undefined
  readonly cache?: DigestCache
}

const EPOCH = 0
const KEY_VERSION = 0

/**
 * What a taproot signature signs (BIP 341, with BIP 342's extension for tapscripts).
 *
 * @param hashType the 65th byte of the signature, `SIGHASH.DEFAULT` where there is none
 * @returns undefined for a hash type that does not exist, and for SINGLE without an output at the input's index
 */
export const taprootDigest = (
  tx: Transaction,
  index: number,
  hashType: number,
  { spent, annex, leaf, cache = {} }: TaprootSigned,
): Uint8Array | undefined => {
  const input = tx.inputs[index]
  const own = spent[index]
  if (input === undefined || own === undefined) throw new RangeError(`no input ${index}, or not what it spends`)
  if (hashType !== SIGHASH.DEFAULT && !isKnown(hashType)) return undefined
  const anyoneCanPay = (hashType & SIGHASH.ANYONECANPAY) !== 0
  const base = hashType & 0x03
  const writer = new Writer(256)
  writer.u8(EPOCH).u8(hashType).u32(tx.version).u32(tx.lockTime)
  if (!anyoneCanPay) {
    writer.bytes(prevoutsHash(tx, cache)).bytes(amountsHash(spent, cache))
    writer.bytes(scriptsHash(spent, cache)).bytes(sequencesHash(tx, cache))
  }
  if (base !== SIGHASH.NONE && base !== SIGHASH.SINGLE) writer.bytes(outputsHash(tx, cache))
  writer.u8((leaf === undefined ? 0 : 2) + (annex === undefined ? 0 : 1))
  if (anyoneCanPay) {
    writer.hash(input.txid).u32(input.vout)
    writer.i64(own.value).sized(own.script).u32(input.sequence)
  } else writer.u32(index)
  if (annex !== undefined) writer.bytes(sha256(new Writer(annex.length + 5).sized(annex).done()))
  if (base === SIGHASH.SINGLE) {
    const output = tx.outputs[index]
    if (output === undefined) return undefined
    writer.bytes(outputHash(output))
  }
  if (leaf !== undefined) writer.bytes(leaf.hash).u8(KEY_VERSION).u32(leaf.separatorAt)
  return taggedHash('TapSighash', writer.done())
}

const isKnown = (hashType: number): boolean => {
  const base = hashType & ~SIGHASH.ANYONECANPAY
  return base >= SIGHASH.ALL && base <= SIGHASH.SINGLE
}

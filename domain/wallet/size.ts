import type { TxOutput } from '../chain/transaction.ts'

/** Bytes of a P2WPKH witness at the most: count, length, DER signature with low S and hash type (72), length, key (33). */
const WITNESS_BYTES = 108
/** Txid, index, empty script, sequence. */
const INPUT_BYTES = 41
/** Version and lock time. */
const FRAME_BYTES = 8
/** BIP 141's marker and flag. */
const FLAG_BYTES = 2

const countBytes = (count: number): number => (count < 0xfd ? 1 : count <= 0xffff ? 3 : 5)

/**
 * Virtual size of a transaction with so many P2WPKH inputs, as if each signature had its greatest length: so the fee rate is never
 * below what was asked, and at most a quarter byte an input above.
 */
export const sizeOf = (inputs: number, outputs: readonly TxOutput[]): number => {
  let base = FRAME_BYTES + countBytes(inputs) + inputs * INPUT_BYTES + countBytes(outputs.length)
  for (const { script } of outputs) base += 8 + countBytes(script.length) + script.length
  return Math.ceil((4 * base + FLAG_BYTES + inputs * WITNESS_BYTES) / 4)
}

/** Sats for `vsize` virtual bytes, rounded up. */
export const feeFor = (vsize: number, feeSatsPerKvb: bigint): bigint => (BigInt(vsize) * feeSatsPerKvb + 999n) / 1000n

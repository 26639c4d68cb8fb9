import { virtualSize } from '../chain/codec.ts'
import { compactToDer } from '../chain/der.ts'
import type { OutPoint, Transaction, TxInput } from '../chain/transaction.ts'

// What all spends of a channel's funding are made of.

export const VERSION = 2
/** Of inputs that both sides sign; a voucher signs it. Leaves room to raise the fee (BIP 125). */
export const CLOSE_SEQUENCE = 0xfffffffd
export const EMPTY = new Uint8Array(0)
/** The branch of the funding script that asks both signatures; the other is chosen by no bytes (MINIMALIF). */
export const TOGETHER = Uint8Array.of(1)
/** DER of the longest low-s signature, with its hash type: fees are counted on it, so they do not depend on luck. */
export const LONGEST_SIGNATURE = new Uint8Array(72)

export const inputOf = ({ txid, vout }: OutPoint, sequence: number, witness: readonly Uint8Array[]): TxInput => ({
  txid,
  vout,
  scriptSig: EMPTY,
  sequence,
  witness,
})

/** As it stands in a witness: DER and the hash type. @param compact 64 bytes */
export const signatureOf = (compact: Uint8Array, hashType: number): Uint8Array =>
  Uint8Array.from([...compactToDer(compact), hashType])

/** Sats for `tx` as it is, rounded up. */
export const feeOf = (tx: Transaction, feeRateSatsPerVb: number): bigint =>
  BigInt(Math.ceil(virtualSize(tx) * feeRateSatsPerVb))

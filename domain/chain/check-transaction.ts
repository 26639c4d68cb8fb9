import { strippedSize } from './codec.ts'
import { ZERO_HASH } from './display-hash.ts'
import { MAX_MONEY } from './subsidy.ts'
import { outPointKey, type Transaction } from './transaction.ts'

/** Law: most weight of a block, so four times most bytes without witness (BIP 141). */
export const MAX_BLOCK_WEIGHT = 4_000_000
const NO_INDEX = 0xffffffff

/** What no chain state could make right, in Bitcoin Core's words (consensus/tx_check.cpp). */
export type TransactionReject =
  | 'bad-txns-vin-empty'
  | 'bad-txns-vout-empty'
  | 'bad-txns-oversize'
  | 'bad-txns-vout-negative'
  | 'bad-txns-vout-toolarge'
  | 'bad-txns-txouttotal-toolarge'
  | 'bad-txns-inputs-duplicate'
  | 'bad-cb-length'
  | 'bad-txns-prevout-null'

const isNull = (input: { txid: string; vout: number }): boolean => input.vout === NO_INDEX && input.txid === ZERO_HASH

/** Makes new coins: one input, which spends nothing. */
export const isCoinbase = (tx: Transaction): boolean => {
  const only = tx.inputs[0]
  return tx.inputs.length === 1 && only !== undefined && isNull(only)
}

/** @returns why the transaction can never be valid; undefined when only the chain can tell */
export const checkTransaction = (tx: Transaction): TransactionReject | undefined => {
  if (tx.inputs.length === 0) return 'bad-txns-vin-empty'
  if (tx.outputs.length === 0) return 'bad-txns-vout-empty'
  if (strippedSize(tx) * 4 > MAX_BLOCK_WEIGHT) return 'bad-txns-oversize'
  let sum = 0n
  for (const { value } of tx.outputs) {
    if (value < 0n) return 'bad-txns-vout-negative'
    if (value > MAX_MONEY) return 'bad-txns-vout-toolarge'
    sum += value
    if (sum > MAX_MONEY) return 'bad-txns-txouttotal-toolarge'
  }
  if (new Set(tx.inputs.map(outPointKey)).size !== tx.inputs.length) return 'bad-txns-inputs-duplicate'
  if (isCoinbase(tx)) {
    const size = tx.inputs[0]?.scriptSig.length ?? 0
    return size < 2 || size > 100 ? 'bad-cb-length' : undefined
  }
  return tx.inputs.some(isNull) ? 'bad-txns-prevout-null' : undefined
}

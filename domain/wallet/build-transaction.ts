import type { OutPoint, Transaction, TxOutput } from '../chain/transaction.ts'

/** May be replaced by one with a higher fee (BIP 125), and its lock time is not looked at. */
const SEQUENCE = 0xfffffffd
const VERSION = 2

/** An unsigned transaction: inputs and outputs in this order, the change last. */
export const buildTransaction = (
  inputs: readonly OutPoint[],
  outputs: readonly TxOutput[],
  change: TxOutput,
): Transaction => ({
  version: VERSION,
  inputs: inputs.map(({ txid, vout }) => ({
    txid,
    vout,
    scriptSig: new Uint8Array(0),
    sequence: SEQUENCE,
    witness: [],
  })),
  outputs: change.value === 0n ? outputs : [...outputs, change],
  lockTime: 0,
})

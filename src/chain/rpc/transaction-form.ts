import { toHex } from '../../../domain/bytes.ts'
import { isCoinbase } from '../../../domain/chain/check-transaction.ts'
import {
  encodeTransaction,
  totalSize,
  transactionId,
  transactionWeight,
  virtualSize,
  witnessId,
} from '../../../domain/chain/codec.ts'
import type { Coin } from '../../../domain/chain/coin.ts'
import type { Network } from '../../../domain/chain/network.ts'
import type { Transaction, TxInput } from '../../../domain/chain/transaction.ts'
import { toCoins } from './amount.ts'
import { scriptAsm } from './script-asm.ts'
import { scriptForm } from './script-form.ts'

export type TransactionFormOptions = {
  /** What each input spent, in order: with it the fee is told. */
  readonly spent?: readonly Coin[] | undefined
  /** Tell what each input spent, too. */
  readonly prevouts?: boolean
}

/** A transaction as Core decodes it. */
export const decodedForm = (network: Network, tx: Transaction, { spent, prevouts }: TransactionFormOptions = {}) => ({
  txid: transactionId(tx),
  hash: witnessId(tx),
  version: tx.version,
  size: totalSize(tx),
  vsize: virtualSize(tx),
  weight: transactionWeight(tx),
  locktime: tx.lockTime,
  vin: tx.inputs.map((input, i) => ({
    ...inputForm(input, isCoinbase(tx)),
    ...(prevouts && spent?.[i] !== undefined ? { prevout: prevoutForm(network, spent[i]) } : {}),
    sequence: input.sequence,
  })),
  vout: tx.outputs.map(({ value, script }, n) => ({
    value: toCoins(value),
    n,
    scriptPubKey: scriptForm(network, script),
  })),
})

/** The same with its bytes, as `getrawtransaction` and `getblock` tell it. */
export const transactionForm = (network: Network, tx: Transaction, options: TransactionFormOptions = {}) => ({
  ...decodedForm(network, tx, options),
  ...(options.spent === undefined || isCoinbase(tx) ? {} : { fee: toCoins(feeOf(tx, options.spent)) }),
  hex: toHex(encodeTransaction(tx)),
})

const feeOf = (tx: Transaction, spent: readonly Coin[]): bigint =>
  spent.reduce((sum, { value }) => sum + value, 0n) - tx.outputs.reduce((sum, { value }) => sum + value, 0n)

const prevoutForm = (network: Network, { value, script, height, coinbase }: Coin) => ({
  generated: coinbase,
  height,
  value: toCoins(value),
  scriptPubKey: scriptForm(network, script),
})

const inputForm = ({ txid, vout, scriptSig, witness }: TxInput, coinbase: boolean) => ({
  ...(coinbase
    ? { coinbase: toHex(scriptSig) }
    : { txid, vout, scriptSig: { asm: scriptAsm(scriptSig, { hashTypes: true }), hex: toHex(scriptSig) } }),
  ...(witness.length === 0 ? {} : { txinwitness: witness.map(toHex) }),
})

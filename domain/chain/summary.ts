import type { Block } from './block.ts'
import { blockWeight, strippedBlockSize } from './check-block.ts'
import { isCoinbase } from './check-transaction.ts'
import { transactionId, transactionWeight, virtualSize } from './codec.ts'
import type { Coin } from './coin.ts'
import type { BlockTotals, TransactionSummary } from './facts.ts'
import type { Network } from './network.ts'
import { subsidyAt } from './subsidy.ts'
import type { Transaction } from './transaction.ts'

/** What each input of each transaction of a block spent, in order; nothing for the coinbase. */
export type SpentCoins = readonly (readonly Coin[])[]

/** @param spent what its inputs spent, in order; undefined when nobody knows */
export const summaryOf = (tx: Transaction, spent: readonly Coin[] | undefined): TransactionSummary => {
  const outputSats = tx.outputs.reduce((sum, { value }) => sum + value, 0n)
  const coinbase = isCoinbase(tx)
  return {
    txid: transactionId(tx),
    coinbase,
    outputSats,
    inputs: tx.inputs.length,
    outputs: tx.outputs.length,
    virtualSize: virtualSize(tx),
    weight: transactionWeight(tx),
    ...(coinbase || spent === undefined ? {} : { fee: spent.reduce((sum, { value }) => sum + value, 0n) - outputSats }),
  }
}

/** A block as a log keeps it. @param spent undefined when nobody knows */
export const summaryOfBlock = (
  network: Network,
  height: number,
  block: Block,
  spent: SpentCoins | undefined,
): { readonly transactions: readonly TransactionSummary[]; readonly totals: BlockTotals } => {
  const transactions = block.transactions.map((tx, i) => summaryOf(tx, spent?.[i]))
  const weight = blockWeight(block)
  const known = spent !== undefined || transactions.length === 1
  return {
    transactions,
    totals: {
      transactions: transactions.length,
      sizeBytes: weight - 3 * strippedBlockSize(block),
      weight,
      subsidySats: subsidyAt(network, height),
      ...(known ? { feeSats: transactions.reduce((sum, { fee }) => sum + (fee ?? 0n), 0n) } : {}),
    },
  }
}

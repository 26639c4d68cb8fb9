import type { Block } from '../../../domain/chain/block.ts'
import { transactionId } from '../../../domain/chain/codec.ts'
import type { Coin } from '../../../domain/chain/coin.ts'
import { outPointKey } from '../../../domain/chain/transaction.ts'
import type { BlockEntry } from '../xencoind/block-table.ts'
import type { Store } from '../xencoind/store.ts'

/**
 * What each input of a block's transactions spent, from the block's undo data and, for what was made in the block itself, from
 * the block; nothing for the coinbase. Undefined when the block was never connected: then nobody knows.
 */
export const spentCoins = ({ blocks }: Store, entry: BlockEntry, block: Block): Coin[][] | undefined => {
  const undo = blocks.undo(entry)
  if (undo === undefined) return undefined
  const coins = new Map(undo.map(({ key, coin }) => [key, coin]))
  return block.transactions.map((tx, i) => {
    const txid = transactionId(tx)
    for (const [vout, output] of tx.outputs.entries())
      coins.set(outPointKey({ txid, vout }), { ...output, height: entry.height, coinbase: i === 0 })
    return i === 0 ? [] : tx.inputs.map((input) => coins.get(outPointKey(input))!)
  })
}

import { transactionId } from '../../domain/chain/codec.ts'
import type { Coin } from '../../domain/chain/coin.ts'
import { isUnspendable } from '../../domain/chain/script.ts'
import { outPointKey } from '../../domain/chain/transaction.ts'
import type { Xencoind } from '../../src/chain/xencoind/xencoind.ts'

/** The coins as they follow from the blocks of the active chain alone, in the simplest way that is right. */
export const refoldCoins = async (node: Xencoind): Promise<Map<string, Coin>> => {
  const coins = new Map<string, Coin>()
  const tip = await node.tip()
  let previous = (await node.blockAt(0))!.hash
  for (let height = 1; height <= tip.height; height++) {
    const { hash, block } = (await node.blockAt(height))!
    if (block.header.previous !== previous) throw new Error(`block ${height} does not follow the one before`)
    previous = hash
    for (const [i, tx] of block.transactions.entries()) {
      if (i > 0)
        for (const input of tx.inputs)
          if (!coins.delete(outPointKey(input))) throw new Error(`block ${height} spends what is not there`)
      const txid = transactionId(tx)
      for (const [vout, output] of tx.outputs.entries())
        if (!isUnspendable(output.script))
          coins.set(outPointKey({ txid, vout }), { ...output, height, coinbase: i === 0 })
    }
  }
  if (previous !== tip.hash) throw new Error('the tip is not the last block')
  return coins
}

/** The coins as the node has them on disk. */
export const storedCoins = (node: Xencoind): Map<string, Coin> =>
  new Map([...node.inside.store.coins.all()].map(({ key, coin }) => [key, coin]))

import { transactionId } from '../../domain/chain/codec.ts'
import { subsidyAt } from '../../domain/chain/subsidy.ts'
import { outPointKey } from '../../domain/chain/transaction.ts'
import type { Xencoind } from '../../src/chain/xencoind/xencoind.ts'
import { refoldCoins, storedCoins } from './refold.ts'

/**
 * What is wrong with what a node has: nothing, whenever it is opened. Its coins follow from its blocks, none is lost or made, no
 * transaction is twice in the chain or in chain and mempool, and the mempool spends only what is there, each output once.
 */
export const faultsOf = async (node: Xencoind): Promise<string[]> => {
  const { store, pool } = node.inside
  const faults: string[] = []
  const coins = await refoldCoins(node)
  const stored = storedCoins(node)
  if (coins.size !== stored.size) faults.push(`${stored.size} coins on disk, and ${coins.size} in the blocks`)
  for (const [point, coin] of coins)
    if (stored.get(point)?.value !== coin.value || stored.get(point)?.height !== coin.height)
      faults.push(`coin ${point}`)

  const tip = await node.tip()
  if (store.blocks.best()!.hash !== tip.hash) faults.push('a chain of more work is not the active one')
  const confirmed = new Set<string>()
  let made = 0n
  for (let height = 1; height <= tip.height; height++) {
    made += subsidyAt(node.network, height)
    for (const tx of (await node.blockAt(height))!.block.transactions) {
      const txid = transactionId(tx)
      if (confirmed.has(txid)) faults.push(`transaction ${txid} is twice in the chain`)
      confirmed.add(txid)
    }
  }
  const held = [...stored.values()].reduce((sum, { value }) => sum + value, 0n)
  if (held !== made) faults.push(`${held - made} sats were made`)

  const spent = new Set<string>()
  for (const { tx, txid } of pool.all()) {
    if (confirmed.has(txid)) faults.push(`transaction ${txid} is in the chain and in the mempool`)
    for (const input of tx.inputs) {
      const point = outPointKey(input)
      if (spent.has(point)) faults.push(`output ${point} is spent twice`)
      spent.add(point)
      if (!stored.has(point) && pool.output(input) === undefined) faults.push(`output ${point} is not there`)
    }
  }
  return faults
}

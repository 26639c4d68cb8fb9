import type { Coin } from '../../../domain/chain/coin.ts'
import type { SpentCoins } from '../../../domain/chain/summary.ts'
import { fromCoins } from './amount.ts'
import { spentAnswer } from './answer.ts'
import type { RpcClient } from './client.ts'
import { RpcError } from './error-code.ts'

/** With what each input spent. */
const VERBOSITY = 3

/** From the node's undo data; undefined when it has none of this block: never connected, pruned, or a node from before it told them. */
export const spentByBlock = async (call: RpcClient, hash: string): Promise<SpentCoins | undefined> => {
  try {
    const { tx } = await call(spentAnswer, 'getblock', [hash, VERBOSITY])
    const spent: Coin[][] = []
    for (const { vin } of tx) {
      const coins: Coin[] = []
      for (const { coinbase, prevout } of vin) {
        if (coinbase !== undefined) continue
        if (prevout === undefined) return undefined
        const { value, scriptPubKey, height, generated } = prevout
        coins.push({ value: fromCoins(value), script: scriptPubKey.hex, height, coinbase: generated })
      }
      spent.push(coins)
    }
    return spent
  } catch (error) {
    if (error instanceof RpcError) return undefined
    throw error
  }
}

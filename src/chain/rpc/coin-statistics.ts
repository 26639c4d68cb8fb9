import { createHash } from 'node:crypto'
import { toDisplay } from '../../../domain/chain/display-hash.ts'
import { Writer } from '../../../domain/chain/writer.ts'
import type { CoinTable } from '../xencoind/coin-table.ts'
import { outPointOf } from '../xencoind/sqlite-value.ts'

export type CoinStatistics = {
  readonly coins: number
  readonly transactions: number
  /** Sats. */
  readonly total: bigint
  /** Core's measure that does not depend on how coins are stored: 50 bytes and the script for each. */
  readonly bogoSize: number
  /** Core's `hash_serialized_3`, display order: two nodes with the same coins say the same. */
  readonly hash?: string
}

const BOGO_BYTES = 50

/** Counts all coins, one at a time: the set may be larger than memory. */
export const coinStatistics = (table: CoinTable, withHash: boolean): CoinStatistics => {
  const hash = createHash('sha256')
  let coins = 0
  let transactions = 0
  let total = 0n
  let bogoSize = 0
  let last = ''
  for (const { key, coin } of table.inHashOrder()) {
    const { txid, vout } = outPointOf(key)
    coins++
    if (txid !== last) transactions++
    last = txid
    total += coin.value
    bogoSize += BOGO_BYTES + coin.script.length
    if (!withHash) continue
    const heightAndKind = coin.height * 2 + (coin.coinbase ? 1 : 0)
    hash.update(new Writer().hash(txid).u32(vout).u32(heightAndKind).i64(coin.value).sized(coin.script).done())
  }
  const counted = { coins, transactions, total, bogoSize }
  if (!withHash) return counted
  return { ...counted, hash: toDisplay(createHash('sha256').update(hash.digest()).digest()) }
}

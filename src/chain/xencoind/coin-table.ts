import type { DatabaseSync } from 'node:sqlite'
import type { Coin, KeyedCoin } from '../../../domain/chain/coin.ts'
import { outPointKey } from '../../../domain/chain/transaction.ts'
import { blobHash, hashBlob, outPointOf } from './sqlite-value.ts'

/** The unspent outputs of the active chain, by `outPointKey`. */
export interface CoinTable {
  get(key: string): Coin | undefined
  put(coin: KeyedCoin): void
  drop(key: string): void
  /** Every coin, in the order of its key. For checks and statistics. */
  all(): Iterable<KeyedCoin>
  /** The same by the bytes of the txid as they are on the wire: the order in which Core hashes its coins. */
  inHashOrder(): Iterable<KeyedCoin>
}

export const coinTable = (db: DatabaseSync): CoinTable => {
  const get = db.prepare('SELECT value, height, coinbase, script FROM coins WHERE txid = ? AND vout = ?')
  const put = db.prepare('INSERT INTO coins (txid, vout, value, height, coinbase, script) VALUES (?, ?, ?, ?, ?, ?)')
  const drop = db.prepare('DELETE FROM coins WHERE txid = ? AND vout = ?')
  const all = db.prepare('SELECT txid, vout, value, height, coinbase, script FROM coins ORDER BY txid, vout')
  db.function('wire_order', { deterministic: true }, (hash) => Uint8Array.from(hash as Uint8Array).reverse())
  const inHashOrder = db.prepare(
    'SELECT txid, vout, value, height, coinbase, script FROM coins ORDER BY wire_order(txid), vout',
  )
  const keyed = (row: Record<string, unknown>): KeyedCoin => ({
    key: outPointKey({ txid: blobHash(row['txid']), vout: Number(row['vout']) }),
    coin: coinOf(row),
  })
  return {
    get: (key) => {
      const { txid, vout } = outPointOf(key)
      const row = get.get(hashBlob(txid), vout)
      return row === undefined ? undefined : coinOf(row)
    },
    put: ({ key, coin }) => {
      const { txid, vout } = outPointOf(key)
      put.run(hashBlob(txid), vout, coin.value, coin.height, coin.coinbase ? 1 : 0, coin.script)
    },
    drop: (key) => {
      const { txid, vout } = outPointOf(key)
      drop.run(hashBlob(txid), vout)
    },
    *all() {
      for (const row of all.iterate()) yield keyed(row)
    },
    *inHashOrder() {
      for (const row of inHashOrder.iterate()) yield keyed(row)
    },
  }
}

const coinOf = (row: Record<string, unknown>): Coin => ({
  value: BigInt(row['value'] as number),
  height: Number(row['height']),
  coinbase: row['coinbase'] === 1,
  script: new Uint8Array(row['script'] as Uint8Array),
})

import { concat } from '../../../domain/bytes.ts'
import type { KeyedCoin } from '../../../domain/chain/coin.ts'
import { outPointKey } from '../../../domain/chain/transaction.ts'
import { outPointOf } from './sqlite-value.ts'

/** txid 32, vout 4, value 8, height 4 with the coinbase flag in its top bit, script length 4. */
const FIXED_BYTES = 52
const COINBASE_BIT = 0x8000_0000

/**
 * Undo data of a block: each coin that it spent, in the order of spending, little-endian integers:
 * `txid(32) vout(4) value(8) height|coinbase<<31 (4) scriptLength(4) script`.
 */
export const encodeUndo = (spent: readonly KeyedCoin[]): Uint8Array =>
  concat(
    ...spent.map(({ key, coin }) => {
      const point = outPointOf(key)
      const out = Buffer.alloc(FIXED_BYTES + coin.script.length)
      out.write(point.txid, 0, 'hex')
      out.writeUInt32LE(point.vout, 32)
      out.writeBigUInt64LE(coin.value, 36)
      out.writeUInt32LE((coin.height | (coin.coinbase ? COINBASE_BIT : 0)) >>> 0, 44)
      out.writeUInt32LE(coin.script.length, 48)
      out.set(coin.script, FIXED_BYTES)
      return out
    }),
  )

/** @throws RangeError when the bytes end inside a coin */
export const decodeUndo = (bytes: Uint8Array): KeyedCoin[] => {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const spent: KeyedCoin[] = []
  for (let at = 0; at < data.length; ) {
    const flags = data.readUInt32LE(at + 44)
    const end = at + FIXED_BYTES + data.readUInt32LE(at + 48)
    if (end > data.length) throw new RangeError('undo data ends inside a script')
    spent.push({
      key: outPointKey({ txid: data.toString('hex', at, at + 32), vout: data.readUInt32LE(at + 32) }),
      coin: {
        value: data.readBigUInt64LE(at + 36),
        height: flags & ~COINBASE_BIT,
        coinbase: (flags & COINBASE_BIT) !== 0,
        script: new Uint8Array(data.subarray(at + FIXED_BYTES, end)),
      },
    })
    at = end
  }
  return spent
}

import { equal } from '../../domain/bytes.ts'
import { transactionId } from '../../domain/chain/codec.ts'
import type { Curve } from '../../domain/chain/curve.ts'
import type { Transaction } from '../../domain/chain/transaction.ts'
import { signTransaction } from '../../domain/wallet/sign.ts'
import { Rejected } from '../../src/chain/port.ts'
import type { Keys } from '../../src/wallet/keys.ts'
import type { Chain } from './chain.ts'
import type { Timeline } from './timeline.ts'

type Parts = { readonly keys: Keys; readonly curve: Curve; readonly chain: Chain; readonly timeline: Timeline }

/** So much more than the funding it pays, sats: miners prefer it. */
const FEE_SATS = 30_000n
/** Keys of an account that are looked through for a coin's. */
const KEYS = 64
/** A witness script's hash (BIP 141). */
const P2WSH = [0x00, 0x20]

/** Gives each funding to the chain, and some seconds later another spend of the same coins, back to its own wallet. */
export const doubleSpends = (afterS: number, { keys, curve, chain, timeline }: Parts) => {
  const known = new Set<string>()
  return (tx: Transaction): Transaction => {
    const txid = transactionId(tx)
    const isFunding = tx.outputs.some(({ script }) => P2WSH.every((byte, i) => script[i] === byte))
    if (!isFunding || known.has(txid)) return tx
    known.add(txid)
    const coins = tx.inputs.map((input) => chain.output(input))
    const all = [keys.receive, keys.change].flatMap((at) => Array.from({ length: KEYS }, (_, i) => at(i)))
    const inputs = coins.flatMap((coin) => {
      const key = coin && all.find(({ script }) => equal(script, coin.script))
      return key ? [{ value: coin.value, key }] : []
    })
    if (inputs.length < tx.inputs.length) return tx
    const value = inputs.reduce((sum, input) => sum + input.value, 0n) - FEE_SATS
    const back = { ...tx, outputs: [{ value, script: keys.receive(0).script }] }
    timeline.after(afterS * 1_000, () => {
      try {
        chain.accept(signTransaction(back, inputs, curve))
      } catch (error) {
        // The funding is in a block.
        if (!(error instanceof Rejected)) throw error
      }
    })
    return tx
  }
}

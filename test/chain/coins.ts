import { transactionId } from '../../domain/chain/codec.ts'
import { hash160 } from '../../domain/chain/hash.ts'
import { p2wpkh } from '../../domain/chain/script.ts'
import type { OutPoint, Transaction, TxOutput } from '../../domain/chain/transaction.ts'
import { signTransaction } from '../../domain/wallet/sign.ts'
import { nativeCurve } from '../../src/curve/native.ts'

export const curve = nativeCurve

/** A key and the P2WPKH script that pays to it; `seed` 1–255 tells them apart. */
export const key = (seed: number) => {
  const secret = new Uint8Array(32).fill(seed)
  const publicKey = curve.publicKey(secret)
  return { secret, publicKey, script: p2wpkh(hash160(publicKey)) }
}
export type Key = ReturnType<typeof key>

export type OwnCoin = OutPoint & { readonly value: bigint; readonly owner: Key }

export type Draft = {
  readonly from: readonly OwnCoin[]
  readonly to: readonly TxOutput[]
  readonly sequence?: number
  readonly lockTime?: number
  readonly version?: number
}

/** A signed transaction that spends P2WPKH coins. */
export const spend = ({ from, to, sequence = 0xfffffffd, lockTime = 0, version = 2 }: Draft): Transaction => {
  const inputs = from.map(({ txid, vout }) => ({ txid, vout, scriptSig: new Uint8Array(), sequence, witness: [] }))
  const signers = from.map(({ value, owner }) => ({ value, key: owner }))
  return signTransaction({ version, inputs, outputs: to, lockTime }, signers, curve)
}

/** The coin that `tx` makes at `vout`, which must pay to `owner`. */
export const coinOf = (tx: Transaction, vout: number, owner: Key): OwnCoin => ({
  txid: transactionId(tx),
  vout,
  value: tx.outputs[vout]!.value,
  owner,
})

/** Everything but `fee` from one coin to one key. */
export const pay = (coin: OwnCoin, to: Key, fee = 1000n): Transaction =>
  spend({ from: [coin], to: [{ value: coin.value - fee, script: to.script }] })

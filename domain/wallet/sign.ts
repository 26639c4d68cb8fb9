import { concat } from '../bytes.ts'
import type { Curve } from '../chain/curve.ts'
import { compactToDer } from '../chain/der.ts'
import { hash160 } from '../chain/hash.ts'
import { p2pkh } from '../chain/script.ts'
import { type DigestCache, SIGHASH, witnessV0Digest } from '../chain/sighash.ts'
import type { Transaction } from '../chain/transaction.ts'

export type SigningKey = { readonly secret: Uint8Array; readonly publicKey: Uint8Array }

/** What an input spends, and the key that it is locked to. */
export type SigningInput = { readonly value: bigint; readonly key: SigningKey }

/**
 * Signs every input as P2WPKH with `SIGHASH_ALL` (BIP 143).
 *
 * @param inputs one for each input of `tx`, in its order
 */
export const signTransaction = (tx: Transaction, inputs: readonly SigningInput[], curve: Curve): Transaction => {
  if (inputs.length !== tx.inputs.length) throw new RangeError('one key for each input')
  const cache: DigestCache = {}
  return {
    ...tx,
    inputs: tx.inputs.map((input, index) => {
      const { value, key } = inputs[index]!
      const digest = witnessV0Digest(tx, index, p2pkh(hash160(key.publicKey)), value, SIGHASH.ALL, cache)
      const signature = compactToDer(curve.signEcdsa(digest, key.secret))
      return { ...input, witness: [concat(signature, Uint8Array.of(SIGHASH.ALL)), key.publicKey] }
    }),
  }
}

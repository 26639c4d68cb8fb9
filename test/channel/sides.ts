import { hash160 } from '../../domain/chain/hash.ts'
import { p2pkh } from '../../domain/chain/script.ts'
import { SIGHASH, witnessV0Digest } from '../../domain/chain/sighash.ts'
import type { OutPoint, Transaction, TxOutput } from '../../domain/chain/transaction.ts'
import { fundingScript } from '../../domain/channel/script.ts'
import { signatureOf } from '../../domain/channel/spend.ts'
import { type ChannelParams, type ClosingChannel, signVoucher } from '../../domain/channel/transaction.ts'
import { curve, key, type OwnCoin } from '../chain/coins.ts'

export const CAPACITY = 100_000n

/** Both sides of channel number `n` (1–60), with their secrets. */
export const sidesOf = (n: number, expiryHeight: number, changes: Partial<ChannelParams> = {}) => {
  const [publisher, provider] = [key(n), key(100 + n)]
  const params: ChannelParams = {
    publisherKey: publisher.publicKey,
    providerKey: provider.publicKey,
    expiryHeight,
    capacity: CAPACITY,
    publisherScript: key(200).script,
    providerScript: key(201).script,
    ...changes,
  }
  return { params, publisherSecret: publisher.secret, providerSecret: provider.secret }
}
export type Channel = ReturnType<typeof sidesOf> & { readonly funding: OutPoint }

export const voucher = ({ params, funding, publisherSecret }: Channel, paid: bigint): Uint8Array =>
  signVoucher({ params, funding, paid, publisherSecret, curve })

export const paying = (channel: Channel, paid: bigint): ClosingChannel => ({
  ...channel,
  paid,
  publisherSig: voucher(channel, paid),
})

/** A copy that does something else; what the publisher signed stays in it. */
export type Change = (tx: Transaction) => Transaction

export const withOutputs =
  (change: (outputs: readonly TxOutput[]) => readonly TxOutput[]): Change =>
  (tx) => ({ ...tx, outputs: change(tx.outputs) })

/** What a cheating provider can do: change its close as it likes and sign again. */
export const providerChanges = (tx: Transaction, channels: readonly Channel[], change: Change): Transaction => {
  const changed = change(tx)
  return {
    ...changed,
    inputs: changed.inputs.map((input, i) => {
      const channel = channels.find(({ funding }) => funding.txid === input.txid && funding.vout === input.vout)
      if (channel === undefined) throw new Error('spends no channel')
      const { params, providerSecret } = channel
      const digest = witnessV0Digest(changed, i, fundingScript(params), params.capacity, SIGHASH.ALL)
      const own = signatureOf(curve.signEcdsa(digest, providerSecret), SIGHASH.ALL)
      return { ...input, witness: input.witness.map((item, at) => (at === 2 ? own : item)) }
    }),
  }
}

/** What a cheating publisher can do: a refund with any lock time, sequence and version. */
export const publisherRefunds = (
  tx: Transaction,
  { params, publisherSecret }: Channel,
  change: Change,
): Transaction => {
  const changed = change(tx)
  const script = fundingScript(params)
  const digest = witnessV0Digest(changed, 0, script, params.capacity, SIGHASH.ALL)
  const signature = signatureOf(curve.signEcdsa(digest, publisherSecret), SIGHASH.ALL)
  const witness = [signature, new Uint8Array(0), script]
  return { ...changed, inputs: changed.inputs.map((input) => ({ ...input, witness })) }
}

/** Signs the P2WPKH coins among the inputs of a transaction, from input `first` on. */
export const signCoins = (tx: Transaction, coins: readonly OwnCoin[], first: number): Transaction => ({
  ...tx,
  inputs: tx.inputs.map((input, i) => {
    const coin = coins[i - first]
    if (coin === undefined) return input
    const { publicKey, secret } = coin.owner
    const digest = witnessV0Digest(tx, i, p2pkh(hash160(publicKey)), coin.value, SIGHASH.ALL)
    return { ...input, witness: [signatureOf(curve.signEcdsa(digest, secret), SIGHASH.ALL), publicKey] }
  }),
})

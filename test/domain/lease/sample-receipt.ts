import { toHex } from '../../../domain/bytes.ts'
import { encodeTransaction, transactionId } from '../../../domain/chain/codec.ts'
import type { Transaction } from '../../../domain/chain/transaction.ts'
import type { ChannelTerms } from '../../../domain/channel/facts.ts'
import { fundingOutput } from '../../../domain/channel/script.ts'
import { cooperativeClose, joinTogether, signTogether } from '../../../domain/channel/together.ts'
import { closeTransaction, refundTransaction } from '../../../domain/channel/transaction.ts'
import { changed } from '../../../domain/lease/change.ts'
import { dueSats } from '../../../domain/lease/legs.ts'
import { receiptDigest, receiptOf } from '../../../domain/lease/receipt.ts'
import type { ReceiptChannel, ReceiptFile } from '../../../domain/lease/receipt-file.ts'
import { type Terms, termsDigest } from '../../../domain/terms.ts'
import { coinOf, curve, key, type OwnCoin, spend } from '../../chain/coins.ts'
import { type Channel, paying, sidesOf, voucher } from '../../channel/sides.ts'
import { LEASE_ID, TERMS, usageAt } from './sample.ts'

const [publisher, provider] = [key(210), key(211)]
const sign = (digest: Uint8Array, { secret }: { secret: Uint8Array }) =>
  toHex(curve.signSchnorr(digest, secret, new Uint8Array(32).fill(9)))

const termsOf = ({ params }: Pick<Channel, 'params'>): ChannelTerms => ({
  publisherKey: toHex(params.publisherKey),
  providerKey: toHex(params.providerKey),
  expiryHeight: params.expiryHeight,
  capacitySats: params.capacity,
  publisherScript: toHex(params.publisherScript),
  providerScript: toHex(params.providerScript),
})

const opened = (n: number, capacity: bigint) => {
  const sides = sidesOf(n, 500, { capacity })
  const coin: OwnCoin = { txid: `${n}${n}`.repeat(32).slice(0, 64), vout: 0, value: capacity + 500n, owner: key(n) }
  const tx = spend({ from: [coin], to: [fundingOutput(sides.params)] })
  return { ...sides, funding: { txid: transactionId(tx), vout: coinOf(tx, 0, key(n)).vout }, raw: rawOf(tx) }
}
const rawOf = (tx: Transaction) => toHex(encodeTransaction(tx))

export type Closing = 'plainly' | 'by voucher' | 'with others' | 'refunded' | 'not yet'

type Lived = { readonly closing?: Closing; readonly topUp?: boolean; readonly eventful?: boolean }

/**
 * The receipt of a lease with real keys, as a node of either side would write it. `topUp`: with a second channel; `eventful`: it was paused
 * twice, and its price fell in between.
 */
export const sampleReceipt = ({ closing = 'plainly', topUp = false, eventful = false }: Lived = {}) => {
  const first = opened(1, 8_000n)
  const legs = topUp ? [first, opened(2, 50_000n)] : [{ ...opened(1, 50_000n) }]
  const begun: Terms = {
    ...TERMS,
    leaseId: LEASE_ID,
    publisherKey: toHex(publisher.publicKey),
    providerKey: toHex(provider.publicKey),
    shell: { ...TERMS.shell, hostKey: 'ssh-ed25519 BBBB', authorizedKeys: ['ssh-ed25519 AAAA someone'] },
    channel: termsOf(legs[0]!),
  }
  const pausing: Terms = { ...begun, maxPauseMs: 60_000, price: { ...begun.price, pausedDiskGiBHour: 900n } }
  const cheaper = { ...pausing.price, wallHour: pausing.price.wallHour / 3n }
  const stood = (wallUs: bigint) => ({ wallUs, diskByteSeconds: (wallUs << 28n) / 1_000_000n })
  const until = { ...usageAt(1), paused: stood(1_000_000n) }
  const terms = eventful ? changed(pausing, { price: cheaper }, { tick: 1, usage: until }) : begun
  const usage = eventful ? { ...usageAt(3), paused: stood(60_000_000n) } : usageAt(3)
  const paidSats = topUp ? 10_000n : dueSats(terms, usage)
  const price = topUp ? { ...terms.price, startMsat: 9_999_000n } : terms.price
  const agreed = { ...terms, price }
  const funding = (at: number) => `${legs[at]!.funding.txid}:0`
  const receipt = receiptOf(agreed, {
    funding: funding(0),
    ...(topUp && { topUps: [funding(1)] }),
    ticks: 3,
    usage,
    paidSats,
    code: 'stopped-by-publisher',
    culprit: 'publisher',
  })
  const shares = topUp ? [8_000n, 2_000n] : [paidSats]
  const close = closeOf(closing, legs, shares, paidSats)
  const channels = legs.map(
    (leg, at): ReceiptChannel => ({
      terms: termsOf(leg),
      funding: { ...leg.funding, raw: leg.raw, height: 100 + at },
      voucher: { paid: shares[at]!, signature: toHex(voucher(leg, shares[at]!)) },
      ...(close && { spend: { txid: transactionId(close), raw: rawOf(close), height: 120 } }),
    }),
  )
  const file: ReceiptFile = {
    version: 1,
    receipt,
    publisherSignature: sign(receiptDigest(receipt), publisher),
    providerSignature: sign(receiptDigest(receipt), provider),
    agreed: {
      terms: agreed,
      publisherSignature: sign(termsDigest(agreed), publisher),
      providerSignature: sign(termsDigest(agreed), provider),
    },
    channels,
  }
  return file
}

const closeOf = (
  closing: Closing,
  legs: readonly Channel[],
  shares: readonly bigint[],
  paid: bigint,
): Transaction | undefined => {
  const payoutScript = legs[0]!.params.providerScript
  const vouchers = legs.map((leg, at) => paying(leg, shares[at]!))
  switch (closing) {
    case 'not yet':
      return undefined
    case 'refunded':
      return refundTransaction({ ...legs[0]!, feeRateSatsPerVb: 1, curve })
    case 'by voucher':
      return closeTransaction({ channels: vouchers, feeRateSatsPerVb: 1, payoutScript, curve })
    case 'with others': {
      const other: Channel = { ...sidesOf(7, 500), funding: { txid: '77'.repeat(32), vout: 1 } }
      return closeTransaction({
        channels: [paying(other, 5_000n), ...vouchers],
        feeRateSatsPerVb: 1,
        payoutScript,
        curve,
      })
    }
    case 'plainly':
      return legs.reduce(
        (tx, { params, publisherSecret, providerSecret }, at) =>
          joinTogether(
            tx,
            at,
            params,
            {
              publisher: signTogether(tx, at, params, publisherSecret, curve),
              provider: signTogether(tx, at, params, providerSecret, curve),
            },
            curve,
          ),
        cooperativeClose({ channels: legs, paid, feeFrom: 'provider', feeRateSatsPerVb: 1 }),
      )
  }
}

/** Signs anew what was changed in the receipt: both sides lie together. */
export const resigned = (file: ReceiptFile, changes: Partial<ReceiptFile['receipt']>): ReceiptFile => {
  const receipt = { ...file.receipt, ...changes }
  const digest = receiptDigest(receipt)
  return { ...file, receipt, publisherSignature: sign(digest, publisher), providerSignature: sign(digest, provider) }
}

import { taggedHash } from '../chain/hash.ts'
import { encodeBytes } from '../codec.ts'
import type { Terms } from '../terms.ts'
import { owedUnder, termsHash } from '../terms.ts'
import type { UsageVector } from '../usage.ts'

/** What a lease came to. Both sides sign the same bytes with their identity keys and keep them. */
export type Receipt = {
  readonly version: 1
  readonly leaseId: string
  readonly network: string
  readonly termsHash: string
  readonly publisherKey: string
  readonly providerKey: string
  /** The channel's funding, `txid:vout`: where the payment can be checked. */
  readonly funding: string
  /** The fundings of its top-ups, in order; absent when there were none. */
  readonly topUps?: readonly string[]
  readonly ticks: number
  readonly usage: UsageVector
  readonly owedMsat: bigint
  /** Sats of the newest voucher: what the provider gets on the chain. */
  readonly paidSats: bigint
  readonly code: string
  readonly culprit: string
}

export type SignedReceipt = {
  readonly receipt: Receipt
  /** BIP 340 signatures, hex; absent while that side has not signed. */
  readonly publisherSignature?: string
  readonly providerSignature?: string
}

/** 32 bytes, tag `zennet/receipt`, of the canonical bytes. */
export const receiptDigest = (receipt: Receipt): Uint8Array => taggedHash('zennet/receipt', encodeBytes(receipt))

/** The receipt that follows from terms and the newest tick and voucher: computed alike on both sides. */
export const receiptOf = (
  terms: Terms,
  end: {
    readonly funding: string
    readonly topUps?: readonly string[]
    readonly ticks: number
    readonly usage: UsageVector
    readonly paidSats: bigint
    readonly code: string
    readonly culprit: string
  },
): Receipt => ({
  version: 1,
  leaseId: terms.leaseId,
  network: terms.network,
  termsHash: termsHash(terms),
  publisherKey: terms.publisherKey,
  providerKey: terms.providerKey,
  owedMsat: owedUnder(terms, end.usage),
  ...end,
})

/** As a receipt has them. */
export const topUpsOf = (
  topUps: readonly { readonly txid: string; readonly vout: number }[],
): { readonly topUps?: readonly string[] } =>
  topUps.length === 0 ? {} : { topUps: topUps.map(({ txid, vout }) => `${txid}:${vout}`) }

/** The keys and amounts that make a channel; hex for bytes. */
export type ChannelTerms = {
  readonly publisherKey: string
  readonly providerKey: string
  readonly expiryHeight: number
  readonly capacitySats: bigint
  readonly publisherScript: string
  readonly providerScript: string
}

/** What can have happened to a one-way payment channel. The stream goes by the lease's id; both sides keep one. */
export type ChannelFact =
  | { readonly type: 'channel.proposed'; readonly at: number; readonly terms: ChannelTerms }
  /** The funding transaction is in the mempool or in a block. */
  | {
      readonly type: 'channel.funded'
      readonly at: number
      readonly txid: string
      readonly vout: number
      readonly raw: string
    }
  | { readonly type: 'channel.opened'; readonly at: number; readonly height: number }
  /** A reorganisation took the funding's block away. */
  | { readonly type: 'channel.unopened'; readonly at: number }
  /** A voucher: the publisher's signature over `paid` sats, compact, hex. Only the newest one counts. */
  | { readonly type: 'channel.paid'; readonly at: number; readonly paid: bigint; readonly signature: string }
  /** This node's closing transaction, before it was broadcast; another one replaces it with a higher fee. */
  | {
      readonly type: 'channel.closing'
      readonly at: number
      readonly txid: string
      readonly raw: string
      readonly paid: bigint
      /** Both sides signed it whole: it needs no voucher, and may close several channels of a lease. */
      readonly together?: true
    }
  /** The publisher signed this plain close (`raw` as it was proposed, without signatures) for `paid` over all channels of the lease. */
  | {
      readonly type: 'channel.agreed'
      readonly at: number
      readonly txid: string
      readonly raw: string
      readonly paid: bigint
    }
  /** The funding was spent to the provider, in a block. */
  | { readonly type: 'channel.closed'; readonly at: number; readonly txid: string; readonly height: number }
  /** This node's refund after expiry, before it was broadcast; another one replaces it with a higher fee. */
  | { readonly type: 'channel.refunding'; readonly at: number; readonly txid: string; readonly raw: string }
  /** The refund is in a block; or the funding never will be, and the channel has expired: `txid` is the funding's then. */
  | { readonly type: 'channel.refunded'; readonly at: number; readonly txid: string; readonly height: number }
  /** A reorganisation took the closing or the refund away. */
  | { readonly type: 'channel.reopened'; readonly at: number }

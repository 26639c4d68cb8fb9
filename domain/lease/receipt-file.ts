import type { ChannelTerms } from '../channel/facts.ts'
import type { Terms } from '../terms.ts'
import type { SignedReceipt } from './receipt.ts'

/** One channel of a lease, as far as the node that wrote the file knows it. Bytes are hex. */
export type ReceiptChannel = {
  readonly terms: ChannelTerms
  /** `height`: of its block. */
  readonly funding: {
    readonly txid: string
    readonly vout: number
    readonly raw: string
    readonly height?: number
  }
  /** The newest voucher: the publisher's signature for what this channel paid, 64 bytes. */
  readonly voucher?: { readonly paid: bigint; readonly signature: string }
  /** Absent while nothing spends it; `raw` where this node has the transaction. */
  readonly spend?: { readonly txid: string; readonly raw?: string; readonly height?: number }
}

/**
 * A receipt with all that it is checked by, so that anybody can without a node: what `zennet lease receipt LEASE -o json` writes and
 * `zennet receipt verify` reads.
 */
export type ReceiptFile = SignedReceipt & {
  readonly version: 1
  /** What both agreed to, and their signatures over it; absent when this node has forgotten what is personal in it. */
  readonly agreed?: {
    readonly terms: Terms
    readonly publisherSignature: string
    readonly providerSignature: string
  }
  /** In the order in which they were funded. */
  readonly channels: readonly ReceiptChannel[]
}

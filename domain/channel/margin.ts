// Law of a channel's end: how long before expiry the provider must close, and when a close that waits is replaced.

/** Blocks of ten minutes, as Bitcoin's, that are kept in hand: three hours. */
const SLOW_MARGIN_BLOCKS = 18
/** Blocks of 15 s, or quicker ones: ten minutes at 15 s. */
const QUICK_MARGIN_BLOCKS = 40
/** From here on a chain's blocks are slow, seconds. */
const SLOW_SPACING_S = 600

/**
 * Blocks before a channel's expiry in which its close must be in a block; serving ends then. After expiry the publisher can take it
 * all, and can replace a close that is still unconfirmed.
 */
export const closeMarginBlocks = ({ spacingS }: { readonly spacingS: number }): number =>
  spacingS >= SLOW_SPACING_S ? SLOW_MARGIN_BLOCKS : QUICK_MARGIN_BLOCKS

/** Whether a lease may go on for so long on a channel that expires at a height, and be closed then without haste. */
export const isLongEnough = (
  expiryHeight: number,
  { leftMs, height }: { readonly leftMs: number; readonly height: number },
  network: { readonly spacingS: number },
): boolean => height + Math.ceil(leftMs / 1_000 / network.spacingS) <= expiryHeight - 2 * closeMarginBlocks(network)

/** A close is wanted within so many blocks. */
const CLOSE_TARGET_BLOCKS = 3

/** Blocks in which a close should come into one; after as many in vain it is replaced by one with a higher fee. */
export const closeTargetBlocks = (
  height: number,
  expiryHeight: number,
  network: { readonly spacingS: number },
): number => (expiryHeight - height > closeMarginBlocks(network) / 2 ? CLOSE_TARGET_BLOCKS : 1)

/** A refund is in no hurry: nobody else can spend the coins any more, but by a close that the provider forgot. */
export const REFUND_TARGET_BLOCKS = 6

/** What a replacement pays above the one it replaces, sats per virtual byte (BIP 125 rule 4; Bitcoin Core's `-incrementalrelayfee`). */
const RELAY_STEP = 1
/** Each replacement bids so much more at least, so that there are few before the fee eats what it is for. */
const BID_FACTOR = 1.25

/** The fee rate of a replacement, sats per virtual byte. @param estimate what the chain asks now */
export const raisedFeeRate = (before: { readonly fee: bigint; readonly vsize: number }, estimate: number): number => {
  const rate = Number(before.fee) / before.vsize
  return Math.max(estimate, rate + RELAY_STEP, rate * BID_FACTOR)
}

/** What waits for a block, as this node sees it. */
export type WaitingTransaction = {
  readonly txid: string
  readonly virtualSize: number
  readonly inputs: number
  readonly outputs: number
  /** Sum of the outputs, sats. */
  readonly outputSats: bigint
  /** Sats; absent where the engine does not say. */
  readonly fee?: bigint
  /** Transactions of the mempool that it spends from. */
  readonly depends: readonly string[]
}

/** Why one left: a block took it; or another one in its place, too low a fee, or its age. */
export type LeftReason = 'confirmed' | 'dropped'

/**
 * Stream `mempool`: what entered and left, in order. Old facts of it are let go of; `mempool.kept` tells again what was there then, so
 * that what is left of the stream folds to all that waits.
 */
export type MempoolFact =
  | { readonly type: 'mempool.entered'; readonly at: number; readonly transaction: WaitingTransaction }
  | { readonly type: 'mempool.left'; readonly at: number; readonly txid: string; readonly reason: LeftReason }
  /** Nothing happened: it is there still, since `at`. */
  | { readonly type: 'mempool.kept'; readonly at: number; readonly transaction: WaitingTransaction }

export const MEMPOOL_STREAM = 'mempool'

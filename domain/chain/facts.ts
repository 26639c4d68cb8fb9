/** What a node's log keeps of a transaction; the whole of it is had from the engine by its id. */
export type TransactionSummary = {
  readonly txid: string
  readonly coinbase: boolean
  /** Sum of the outputs, sats. */
  readonly outputSats: bigint
  readonly inputs: number
  readonly outputs: number
  readonly virtualSize: number
  /** Absent in logs from before it was kept. */
  readonly weight?: number
  /** Sats; none for a coinbase, and absent where the engine does not know what was spent. */
  readonly fee?: bigint
}

/** All of a block, its coinbase too. */
export type BlockTotals = {
  readonly transactions: number
  readonly sizeBytes: number
  readonly weight: number
  /** New coins that the law allows at this height, sats. */
  readonly subsidySats: bigint
  /** Sats; absent where the engine does not know what was spent. */
  readonly feeSats?: bigint
}

/** Stream `chain`: the active chain as this node followed it. */
export type ChainFact =
  /** With the first of its transactions; `chain.included` has the rest, in the same unit. */
  | {
      readonly type: 'chain.connected'
      readonly at: number
      readonly height: number
      readonly hash: string
      readonly previous: string
      /** Block time, Unix seconds. */
      readonly time: number
      readonly transactions: readonly TransactionSummary[]
      /** Absent in logs from before they were kept: then `transactions` has all there are. */
      readonly totals?: BlockTotals
    }
  /** More transactions of the block that was connected just before; `first` is the place of the first of them. */
  | {
      readonly type: 'chain.included'
      readonly at: number
      readonly height: number
      readonly hash: string
      /** Block time, Unix seconds. */
      readonly time: number
      readonly first: number
      readonly transactions: readonly TransactionSummary[]
    }
  /** The inverse of `chain.connected` and all its `chain.included`. */
  | { readonly type: 'chain.disconnected'; readonly at: number; readonly height: number; readonly hash: string }
  /**
   * The blocks that were taken back since the newest was connected, `depth` of them down to the one at `height`, were a
   * reorganisation: another branch goes on from there. Comes before the first block of it, in one unit.
   */
  | {
      readonly type: 'chain.reorganised'
      readonly at: number
      readonly depth: number
      /** The newest block that both branches have. */
      readonly height: number
      readonly hash: string
      /** The tip that was left. */
      readonly from: string
    }

export const CHAIN_STREAM = 'chain'

/** Summaries in one fact: those of a full block would be more than a fact may have bytes. */
export const SUMMARIES_PER_FACT = 2_000

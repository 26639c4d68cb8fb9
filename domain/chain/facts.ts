/** What a node's log keeps of a transaction; the whole of it is had from the engine by its id. */
export type TransactionSummary = {
  readonly txid: string
  readonly coinbase: boolean
  /** Sum of the outputs, sats. */
  readonly outputSats: bigint
  readonly inputs: number
  readonly outputs: number
  readonly virtualSize: number
}

/** Stream `chain`: the active chain as this node followed it. */
export type ChainFact =
  | {
      readonly type: 'chain.connected'
      readonly at: number
      readonly height: number
      readonly hash: string
      readonly previous: string
      /** Block time, Unix seconds. */
      readonly time: number
      readonly transactions: readonly TransactionSummary[]
    }
  | { readonly type: 'chain.disconnected'; readonly at: number; readonly height: number; readonly hash: string }

export const CHAIN_STREAM = 'chain'

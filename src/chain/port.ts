import type { Block, BlockRef } from '../../domain/chain/block.ts'
import type { Network } from '../../domain/chain/network.ts'
import type { SpentCoins } from '../../domain/chain/summary.ts'
import type { OutPoint, Transaction, TxOutput } from '../../domain/chain/transaction.ts'
import { Fault } from '../../domain/fault.ts'

/** What an engine tells a follower, in the order in which it happened. */
export type ChainEvent =
  | { readonly kind: 'connected'; readonly height: number; readonly hash: string; readonly block: Block }
  | { readonly kind: 'disconnected'; readonly height: number; readonly hash: string; readonly block: Block }
  /**
   * A transaction was accepted to the mempool (never repeated for the same txid while it stays there). `fee` in sats, absent where
   * the engine does not say.
   */
  | { readonly kind: 'entered'; readonly tx: Transaction; readonly fee?: bigint }
  /** One that was told as `entered` left the mempool, and no block that was told has it. */
  | { readonly kind: 'left'; readonly txid: string }
  /** All blocks up to now have been told; what follows is live. */
  | { readonly kind: 'caught-up'; readonly tip: BlockRef }
  /** What waited in the mempool then has been told, too. */
  | { readonly kind: 'mempool-told' }

export type FoundTransaction = { readonly tx: Transaction; readonly block?: BlockRef }

/** `height` is absent while the output's transaction is only in the mempool. */
export type Unspent = TxOutput & { readonly height?: number; readonly coinbase: boolean }

/**
 * A Bitcoin-format node: the embedded `xencoind`, or any node that speaks bitcoind's JSON-RPC.
 * Every method may throw `Fault('chain.unreachable')`; a caller retries, since all calls are idempotent.
 */
export interface ChainEngine {
  readonly network: Network
  /** For people: "xencoind embedded", "bitcoind at 127.0.0.1:28554". */
  readonly description: string
  tip(): Promise<BlockRef>
  /** The block at `height` of the active chain. */
  blockAt(height: number): Promise<{ hash: string; block: Block } | undefined>
  block(hash: string): Promise<{ height: number; block: Block } | undefined>
  /** What each input of a block's transactions spent; undefined when the engine does not know. */
  spent(hash: string): Promise<SpentCoins | undefined>
  /** Looks in the mempool and the chain. */
  transaction(txid: string): Promise<FoundTransaction | undefined>
  /** The output if unspent, as seen with the mempool applied. */
  output(point: OutPoint): Promise<Unspent | undefined>
  mempool(): Promise<Transaction[]>
  /**
   * Gives a transaction to the network. One that the node already has, in mempool or chain, is a success.
   * @returns txid
   * @throws Rejected with bitcoind's reason (`bad-txns-inputs-missingorspent`, `min relay fee not met`, …)
   */
  broadcast(tx: Transaction): Promise<string>
  /** Sats per virtual byte to confirm within about `blocks`; at least the relay minimum of 1. */
  feeRate(blocks: number): Promise<number>
  /**
   * Catch-up from after `cursor` (from genesis, itself told, when absent), then live, without a seam. When `cursor` is no longer
   * in the active chain, first the `disconnected` events down to the fork. The mempool's content is told after catching up, and
   * `mempool-told` behind it.
   * Nothing is queued for a slow follower: it is told each block still, but a transaction that came and went not at all.
   * Ends, without a throw, when `signal` is aborted or the engine closes.
   *
   * @throws Fault `chain.cursor-unknown` when this chain never had the cursor's block
   */
  follow(cursor: BlockRef | undefined, signal: AbortSignal): AsyncIterable<ChainEvent>
  /** Makes `count` blocks paying to `script` now. @throws Fault('chain.cannot-mine') where the network or engine has no such thing */
  mine(count: number, script: Uint8Array): Promise<string[]>
  close(): Promise<void>
}

/** In the reason for which a transaction is rejected, in Bitcoin Core's words: its inputs were spent by another, or never were. */
export const INPUTS_GONE = 'missingorspent'

/** The same of one that has too many unconfirmed ones before it: the next block makes room for it. */
export const CHAIN_TOO_LONG = 'too-long-mempool-chain'

/** The node refused a transaction. `reason` is in Bitcoin Core's words. */
export class Rejected extends Fault {
  readonly reason: string
  constructor(reason: string, txid: string) {
    super('chain.rejected', `transaction ${txid} was refused by the chain: ${reason}`, {
      culprit: 'chain',
      next: 'The transaction breaks a chain rule or was double-spent; nothing was sent.',
    })
    this.reason = reason
  }
}

/** True when a block is all that a transaction waits for. */
export const isTooLong = (error: unknown): boolean => error instanceof Rejected && error.reason.includes(CHAIN_TOO_LONG)

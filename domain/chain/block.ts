import type { Transaction } from './transaction.ts'

/** 80 bytes on the wire; hashes here are in display order (reversed hex). */
export type BlockHeader = {
  readonly version: number
  readonly previous: string
  readonly merkleRoot: string
  /** Unix seconds. */
  readonly time: number
  /** Compact target. */
  readonly bits: number
  readonly nonce: number
}

export type Block = { readonly header: BlockHeader; readonly transactions: readonly Transaction[] }

/** A block's place in the active chain. */
export type BlockRef = { readonly hash: string; readonly height: number }

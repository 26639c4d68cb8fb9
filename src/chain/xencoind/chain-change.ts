import type { Block } from '../../../domain/chain/block.ts'

/** What the active chain lost and gained, in the order in which it happened. */
export type ChainChange = { readonly disconnected: readonly Block[]; readonly connected: readonly Block[] }

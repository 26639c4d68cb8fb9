import type { Block, BlockHeader } from '../block.ts'
import type { Transaction } from '../transaction.ts'
import type { InventoryItem } from './inventory.ts'
import type { Locator } from './locator.ts'
import type { TimedAddress } from './net-address.ts'
import type { Version } from './version.ts'

/** Messages that say all by their name. */
export type BareCommand = 'verack' | 'wtxidrelay' | 'sendaddrv2' | 'sendheaders' | 'getaddr' | 'mempool'

/** A message between nodes. `unknown` is any other name: to be ignored, since newer nodes may say more. */
export type Message =
  | ({ readonly command: 'version' } & Version)
  | { readonly command: BareCommand }
  | { readonly command: 'ping' | 'pong'; readonly nonce: bigint }
  | { readonly command: 'addr' | 'addrv2'; readonly addresses: readonly TimedAddress[] }
  | ({ readonly command: 'getheaders' | 'getblocks' } & { readonly locator: Locator })
  | { readonly command: 'headers'; readonly headers: readonly BlockHeader[] }
  | { readonly command: 'inv' | 'getdata' | 'notfound'; readonly items: readonly InventoryItem[] }
  | { readonly command: 'block'; readonly block: Block }
  | { readonly command: 'tx'; readonly tx: Transaction }
  /** BIP 133: sats per 1000 virtual bytes below which transactions are not wanted. */
  | { readonly command: 'feefilter'; readonly rate: bigint }
  /** BIP 152: the offer of short blocks, which is not taken up. */
  | { readonly command: 'sendcmpct'; readonly announce: boolean; readonly version: bigint }
  | { readonly command: 'unknown'; readonly name: string }

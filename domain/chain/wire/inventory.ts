import type { Reader } from '../reader.ts'
import type { Writer } from '../writer.ts'

/** What a hash is of (Bitcoin Core protocol.h). With `witness` added, the form with witnesses is asked for (BIP 144). */
export const INVENTORY = { tx: 1, block: 2, wtx: 5, witness: 0x4000_0000 } as const
export const WITNESS_TX = (INVENTORY.tx | INVENTORY.witness) >>> 0
export const WITNESS_BLOCK = (INVENTORY.block | INVENTORY.witness) >>> 0

/** `hash` in display order; of a transaction with its witness where `type` is `wtx` (BIP 339). */
export type InventoryItem = { readonly type: number; readonly hash: string }

/** Law: items in one message (Core MAX_INV_SZ). */
export const MAX_INVENTORY = 50_000
const ITEM_BYTES = 36

export const writeInventory = (writer: Writer, items: readonly InventoryItem[]): void => {
  writer.list(items, (w, { type, hash }) => w.u32(type).hash(hash))
}

export const readInventory = (reader: Reader): InventoryItem[] =>
  reader.list(ITEM_BYTES, (r) => ({ type: r.u32(), hash: r.hash() }), MAX_INVENTORY)

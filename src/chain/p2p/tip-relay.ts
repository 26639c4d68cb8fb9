import { INVENTORY } from '../../../domain/chain/wire/inventory.ts'
import type { BlockEntry } from '../xencoind/block-table.ts'
import type { Store } from '../xencoind/store.ts'
import type { HeaderTree } from './header-tree.ts'
import type { Peer } from './peer.ts'

/** Headers that are announced in one message; of more, only the last block is named and the peer asks (Core MAX_BLOCKS_TO_ANNOUNCE). */
export const MAX_ANNOUNCED = 8

export type TipParts = { readonly store: Store; readonly tree: HeaderTree }

/** Tells a peer of the newest block: by the headers that it lacks (BIP 130), or by its hash. */
export const announceTip = (parts: TipParts, peer: Peer): void => {
  const { store } = parts
  const tip = store.active.tip()!
  const { sync, connection } = peer
  if (sync.told?.hash === tip.hash || hasBlock(parts, peer, tip)) return
  const lacking = peer.wantsHeaders ? lackingOf(parts, peer, tip) : undefined
  if (lacking === undefined) connection.send({ command: 'inv', items: [{ type: INVENTORY.block, hash: tip.hash }] })
  else connection.send({ command: 'headers', headers: lacking.map(({ header }) => header) })
  sync.told = { hash: tip.hash, height: tip.height }
}

/** Whether it has told, or was told, of a block that builds on this one, or is it. */
const hasBlock = ({ store: { blocks, active }, tree }: TipParts, { sync }: Peer, block: BlockEntry): boolean => {
  // Of a chain that is not all here yet, the newest block that is.
  const missing = sync.path.find((hash) => blocks.get(hash) === undefined)
  const below = missing && tree.find(missing)?.header.previous
  for (const hash of [sync.told?.hash, sync.best?.hash, below]) {
    const entry = hash === undefined ? undefined : blocks.get(hash)
    if (entry !== undefined && entry.height >= block.height && active.has(entry) && active.has(block)) return true
  }
  return false
}

/** Headers from the first that it lacks up to the tip; undefined when it shares none of the newest blocks. */
const lackingOf = (parts: TipParts, peer: Peer, tip: BlockEntry): BlockEntry[] | undefined => {
  const lacking: BlockEntry[] = []
  for (let entry = tip; !hasBlock(parts, peer, entry); ) {
    lacking.unshift(entry)
    const parent = parts.store.blocks.get(entry.header.previous)
    if (parent === undefined || lacking.length >= MAX_ANNOUNCED) return undefined
    entry = parent
  }
  return lacking
}

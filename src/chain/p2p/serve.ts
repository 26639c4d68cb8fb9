import { setImmediate as turn } from 'node:timers/promises'
import { encodeBlock, encodeTransaction } from '../../../domain/chain/codec.ts'
import { INVENTORY, type InventoryItem, WITNESS_BLOCK, WITNESS_TX } from '../../../domain/chain/wire/inventory.ts'
import { type Locator, MAX_HEADERS } from '../../../domain/chain/wire/locator.ts'
import type { Clock } from '../../clock/port.ts'
import type { BlockEntry } from '../xencoind/block-table.ts'
import type { Pool } from '../xencoind/pool.ts'
import type { Store } from '../xencoind/store.ts'
import type { Peer } from './peer.ts'

/** Law: block hashes in one answer to `getblocks` (Core). */
const MAX_BLOCK_HASHES = 500
/** Blocks of branches that lost are served this deep: a peer may still be on one. */
const MAX_BRANCH_DEPTH = 2016
/** Things that are not here are looked up in turns of so many. */
const BURST = 200

export type ServeParts = {
  readonly store: Store
  readonly pool: Pool
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Answers what peers ask for. Each answer waits until the peer has read those before. */
export interface Serve {
  headers(peer: Peer, locator: Locator): void
  blocks(peer: Peer, locator: Locator): void
  data(peer: Peer, items: readonly InventoryItem[]): Promise<void>
}

export const newServe = ({ store, pool, clock, signal }: ServeParts): Serve => {
  const { active, blocks } = store

  const onActive = (hash: string): BlockEntry | undefined => {
    const entry = blocks.get(hash)
    return entry !== undefined && active.has(entry) ? entry : undefined
  }
  /** What comes behind the first hash that is on this chain. */
  const behind = ({ hashes, stop }: Locator, most: number): BlockEntry[] => {
    let height = 0
    for (const hash of hashes) {
      const known = onActive(hash)
      if (known === undefined) continue
      height = known.height
      break
    }
    const found: BlockEntry[] = []
    for (let next = active.at(height + 1); next !== undefined && found.length < most; next = active.at(height + 1)) {
      found.push(next)
      height = next.height
      if (next.hash === stop) break
    }
    return found
  }

  const isServed = (entry: BlockEntry): boolean =>
    active.has(entry) || (!blocks.isInvalid(entry.hash) && active.tip()!.height - entry.height < MAX_BRANCH_DEPTH)

  const blockPayload = ({ type, hash }: InventoryItem): Uint8Array | undefined => {
    const entry = blocks.get(hash)
    if (entry === undefined || !isServed(entry)) return undefined
    return type === WITNESS_BLOCK ? blocks.bytes(entry) : encodeBlock(blocks.block(entry), { witness: false })
  }
  const transactionPayload = ({ type, hash }: InventoryItem): Uint8Array | undefined => {
    const entry = type === INVENTORY.wtx ? pool.withWitness(hash) : pool.get(hash)
    return entry && encodeTransaction(entry.tx, { witness: type !== INVENTORY.tx })
  }
  const payload = (item: InventoryItem): { command: string; bytes: Uint8Array } | undefined => {
    const isBlock = item.type === INVENTORY.block || item.type === WITNESS_BLOCK
    const isTransaction = item.type === INVENTORY.tx || item.type === WITNESS_TX || item.type === INVENTORY.wtx
    const bytes = isBlock ? blockPayload(item) : isTransaction ? transactionPayload(item) : undefined
    return bytes && { command: isBlock ? 'block' : 'tx', bytes }
  }

  return {
    headers: (peer, locator) => {
      const asked = locator.hashes.length === 0 ? blocks.get(locator.stop) : undefined
      const found = locator.hashes.length === 0 ? (asked === undefined ? [] : [asked]) : behind(locator, MAX_HEADERS)
      peer.connection.send({ command: 'headers', headers: found.map(({ header }) => header) })
      const last = found.at(-1)
      if (last !== undefined) peer.sync.told = last
    },
    blocks: (peer, locator) => {
      const items = behind(locator, MAX_BLOCK_HASHES).map(({ hash }) => ({ type: INVENTORY.block, hash }))
      if (items.length > 0) peer.connection.send({ command: 'inv', items })
    },
    data: async (peer, items) => {
      const { connection } = peer
      const absent: InventoryItem[] = []
      for (const [i, item] of items.entries()) {
        if (connection.reason !== undefined) return
        if (i % BURST === BURST - 1) await turn()
        const found = payload(item)
        if (found === undefined) {
          absent.push(item)
          continue
        }
        connection.sendPayload(found.command, found.bytes)
        const waitMs = peer.served.take(found.bytes.length)
        if (waitMs > 0) await clock.sleep(waitMs, signal).catch(() => {})
        await connection.drained()
      }
      if (absent.length > 0) connection.send({ command: 'notfound', items: absent })
    },
  }
}

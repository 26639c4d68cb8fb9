import { transactionId, witnessId } from '../../../domain/chain/codec.ts'
import type { Transaction } from '../../../domain/chain/transaction.ts'
import { INVENTORY, type InventoryItem, WITNESS_TX } from '../../../domain/chain/wire/inventory.ts'
import type { Clock } from '../../clock/port.ts'
import { Rejected } from '../port.ts'
import { MIN_RELAY_FEE_RATE } from '../xencoind/policy.ts'
import type { Pool, PoolEntry } from '../xencoind/pool.ts'
import type { Store } from '../xencoind/store.ts'
import type { P2pLimits } from './limits.ts'
import { newOrphans } from './orphans.ts'
import type { Peer } from './peer.ts'
import { newRemembered } from './remembered.ts'
import { newTxRequests } from './tx-requests.ts'

/** Transactions that are announced to a peer at a time. */
const MOST_ANNOUNCED = 1000
const RELAY_PER_KVB = MIN_RELAY_FEE_RATE * 1000n
const MISSING = 'bad-txns-inputs-missingorspent'
/** Refusals that may be over with the next block, or with another form of the witness. */
const NOT_FOR_LONG = new Set([MISSING, 'mempool full', 'txn-same-nonwitness-data-in-mempool'])

export type TxRelayParts = {
  readonly store: Store
  readonly pool: Pool
  readonly clock: Clock
  readonly limits: P2pLimits
  readonly peers: ReadonlyMap<number, Peer>
  /** Whether the chain that peers have shown is here. */
  isCurrent(): boolean
  /** @throws Rejected */
  broadcast(tx: Transaction): Promise<string>
  /** What the mempool asks for at least, in sats per 1000 virtual bytes. */
  leastFeeRate(): bigint
}

/** Transactions between peers: announced in batches, asked for once, passed on when the mempool took them. */
export interface TxRelay {
  /** The peer says what it has. */
  heardOf(peer: Peer, items: readonly InventoryItem[]): void
  take(peer: Peer, tx: Transaction): Promise<void>
  missing(peer: Peer, hashes: readonly string[]): void
  /** Announces what entered the mempool, and the least fee when it has changed. */
  announce(): void
  /** It wants to hear of all that waits, once. */
  list(peer: Peer): void
  expire(): void
  /** What was refused, and what waits for a parent, may be good on another tip. */
  tipChanged(): Promise<void>
  left(peer: Peer): void
}

export const newTxRelay = (parts: TxRelayParts): TxRelay => {
  const { store, pool, limits, clock, peers } = parts
  const requests = newTxRequests(parts)
  const orphans = newOrphans(parts)
  const refused = newRemembered(limits.refused)
  const told = new WeakMap<Peer, bigint>()

  const isKnown = ({ type, hash }: InventoryItem): boolean => {
    if (refused.has(hash)) return true
    if (type === INVENTORY.wtx) return pool.withWitness(hash) !== undefined || orphans.has(hash)
    return pool.get(hash) !== undefined || store.active.heightOf(hash) !== undefined
  }

  const askForParents = (peer: Peer, tx: Transaction): void => {
    for (const hash of new Set(tx.inputs.map(({ txid }) => txid))) {
      const item = { type: INVENTORY.tx, hash }
      if (!isKnown(item)) requests.announced(peer, item)
    }
    requests.ask(peer)
  }

  /** @returns whether the mempool has it now */
  const enter = async (tx: Transaction, peer: Peer | undefined, from: number): Promise<boolean> => {
    try {
      await parts.broadcast(tx)
      return true
    } catch (error) {
      if (!(error instanceof Rejected)) throw error
      if (error.reason === MISSING) {
        if (orphans.add(tx, from) && peer !== undefined) askForParents(peer, tx)
      } else if (!NOT_FOR_LONG.has(error.reason)) refused.add(witnessId(tx))
      return false
    }
  }

  const enterWithChildren = async (tx: Transaction, peer: Peer): Promise<void> => {
    if (!(await enter(tx, peer, peer.id))) return
    peer.pool.lastTransactionMs = clock.now()
    const entered = [tx]
    for (let parent = entered.pop(); parent !== undefined; parent = entered.pop())
      for (const child of orphans.childrenOf(transactionId(parent)))
        if (await enter(child.tx, peers.get(child.from), child.from)) entered.push(child.tx)
  }

  /** Sats per 1000 virtual bytes that an entry pays with what it stands on: what a peer's filter is held against. */
  const isWanted = (peer: Peer, entry: PoolEntry): boolean =>
    !peer.pool.known.has(entry.wtxid) &&
    !peer.pool.known.has(entry.txid) &&
    (entry.fee * 1000n) / BigInt(entry.vsize) >= peer.feeFilter

  const announceTo = (peer: Peer): void => {
    const items: InventoryItem[] = []
    for (let looked = 0; looked < MOST_ANNOUNCED; looked++) {
      const entry = pool.after(peer.pool.announcedSeq)
      if (entry === undefined) break
      peer.pool.announcedSeq = entry.seq
      if (!isWanted(peer, entry)) continue
      const hash = peer.wantsWtxids ? entry.wtxid : entry.txid
      peer.pool.known.add(hash)
      items.push({ type: peer.wantsWtxids ? INVENTORY.wtx : INVENTORY.tx, hash })
    }
    if (items.length > 0) peer.connection.send({ command: 'inv', items })
  }

  return {
    heardOf: (peer, items) => {
      for (const item of items) {
        const isTransaction = item.type === INVENTORY.tx || item.type === INVENTORY.wtx || item.type === WITNESS_TX
        if (!isTransaction) continue
        peer.pool.known.add(item.hash)
        if (!isKnown(item)) requests.announced(peer, item)
      }
      requests.ask(peer)
    },
    take: async (peer, tx) => {
      const names = [witnessId(tx), transactionId(tx)]
      for (const name of names) peer.pool.known.add(name)
      requests.came(names)
      if (names.some((name) => refused.has(name)) || orphans.has(names[0]!)) return
      await enterWithChildren(tx, peer)
    },
    missing: (peer, hashes) => requests.missing(peer, hashes),
    announce: () => {
      const rolling = parts.leastFeeRate()
      const least = rolling > RELAY_PER_KVB ? rolling : RELAY_PER_KVB
      for (const peer of peers.values()) {
        // Who reads slowly hears of it later.
        if (!peer.ready || peer.connection.queuedBytes > limits.sendBytes / 16) continue
        if (told.get(peer) !== least) {
          told.set(peer, least)
          peer.connection.send({ command: 'feefilter', rate: least })
        }
        if (peer.version?.relay !== false) announceTo(peer)
      }
    },
    list: (peer) => {
      if (peer.pool.wasListed) return
      peer.pool.wasListed = true
      peer.pool.announcedSeq = 0
    },
    expire: () => {
      requests.expire()
      orphans.expire()
    },
    tipChanged: async () => {
      refused.clear()
      for (const { tx, from } of orphans.takeAll()) await enter(tx, undefined, from)
    },
    left: (peer) => {
      requests.left(peer)
      orphans.left(peer.id)
    },
  }
}

import { INVENTORY, type InventoryItem, WITNESS_TX } from '../../../domain/chain/wire/inventory.ts'
import type { Clock } from '../../clock/port.ts'
import type { P2pLimits } from './limits.ts'
import type { Peer } from './peer.ts'

/** Peers that are remembered for a transaction: when one does not bring it, the next is asked. */
const MOST_SOURCES = 8

type Wanted = { readonly item: InventoryItem; readonly sources: number[]; askedOf?: number }

/** Which transaction is asked of whom: each of one peer at a time, of those who announced it. */
export interface TxRequests {
  /** The peer has it. Announcements above the peer's limit are let go of. */
  announced(peer: Peer, item: InventoryItem): void
  /** It has come, in either of its names, or nobody needs it any more. */
  came(hashes: readonly string[]): void
  /** The peer does not have it. */
  missing(peer: Peer, hashes: readonly string[]): void
  /** Asks the peer for what it has announced and nobody was asked for. */
  ask(peer: Peer): void
  /** Asks the next for what did not come in time. */
  expire(): void
  left(peer: Peer): void
}

export const newTxRequests = (parts: {
  readonly clock: Clock
  readonly limits: P2pLimits
  readonly peers: ReadonlyMap<number, Peer>
  /** Whether transactions can be judged: not by a node that lacks the blocks whose outputs they spend. */
  isCurrent(): boolean
}): TxRequests => {
  const { clock, limits, peers } = parts
  const wanted = new Map<string, Wanted>()

  const drop = (hash: string): void => {
    const one = wanted.get(hash)
    if (one === undefined) return
    wanted.delete(hash)
    for (const id of one.sources) {
      peers.get(id)?.pool.announced.delete(hash)
      peers.get(id)?.pool.requested.delete(hash)
    }
  }
  /** This peer will not bring it. */
  const without = (peer: Peer, hash: string): void => {
    const one = wanted.get(hash)
    peer.pool.announced.delete(hash)
    peer.pool.requested.delete(hash)
    if (one === undefined) return
    const at = one.sources.indexOf(peer.id)
    if (at >= 0) one.sources.splice(at, 1)
    if (one.askedOf === peer.id) delete one.askedOf
    if (one.sources.length === 0) wanted.delete(hash)
    else askNext(one)
  }
  const askNext = (one: Wanted): void => {
    for (const id of one.sources) {
      const next = peers.get(id)
      if (next === undefined || !mayAsk(next) || next.pool.requested.size >= limits.requestsPerPeer) continue
      ask(next, [one])
      return
    }
  }
  const ask = (peer: Peer, all: readonly Wanted[]): void => {
    const items = all.map(({ item: { type, hash } }) => ({ type: type === INVENTORY.wtx ? type : WITNESS_TX, hash }))
    for (const one of all) {
      one.askedOf = peer.id
      peer.pool.requested.set(one.item.hash, clock.steadyUs())
    }
    peer.connection.send({ command: 'getdata', items })
  }
  // What its chain has may not be known yet: its answer comes first, for as long as an answer may take.
  const mayAsk = ({ sync: { headersAskedUs } }: Peer): boolean =>
    parts.isCurrent() &&
    (headersAskedUs === undefined || clock.steadyUs() - headersAskedUs > limits.transactionMs * 1000)
  const pump = (peer: Peer): void => {
    if (peer.pool.announced.size === peer.pool.requested.size || !mayAsk(peer)) return
    const room = limits.requestsPerPeer - peer.pool.requested.size
    const open: Wanted[] = []
    for (const hash of peer.pool.announced) {
      if (open.length >= room) break
      const one = wanted.get(hash)
      if (one !== undefined && one.askedOf === undefined) open.push(one)
    }
    if (open.length > 0) ask(peer, open)
  }

  return {
    announced: (peer, item) => {
      const { hash } = item
      const { announced } = peer.pool
      if (announced.has(hash) || announced.size >= limits.announcedPerPeer) return
      const one: Wanted = wanted.get(hash) ?? { item, sources: [] }
      if (one.sources.length >= MOST_SOURCES) return
      wanted.set(hash, one)
      one.sources.push(peer.id)
      announced.add(hash)
    },
    came: (hashes) => {
      const asked = hashes.flatMap((hash) => peers.get(wanted.get(hash)?.askedOf ?? -1) ?? [])
      for (const hash of hashes) drop(hash)
      for (const peer of new Set(asked)) pump(peer)
    },
    missing: (peer, hashes) => {
      for (const hash of hashes) without(peer, hash)
      pump(peer)
    },
    ask: pump,
    expire: () => {
      const beforeUs = clock.steadyUs() - limits.transactionMs * 1000
      for (const peer of peers.values()) {
        // In order of asking: the first that is in time ends it.
        for (const [hash, askedUs] of peer.pool.requested) {
          if (askedUs > beforeUs) break
          without(peer, hash)
        }
        pump(peer)
      }
    },
    left: (peer) => {
      for (const hash of [...peer.pool.announced]) without(peer, hash)
    },
  }
}

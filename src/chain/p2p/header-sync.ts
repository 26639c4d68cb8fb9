import { setImmediate as turn } from 'node:timers/promises'
import type { BlockHeader } from '../../../domain/chain/block.ts'
import { headerHash } from '../../../domain/chain/codec.ts'
import { ZERO_HASH } from '../../../domain/chain/display-hash.ts'
import { locatorHeights, MAX_HEADERS } from '../../../domain/chain/wire/locator.ts'
import { PROTOCOL_VERSION } from '../../../domain/chain/wire/version.ts'
import type { Clock } from '../../clock/port.ts'
import type { Store } from '../xencoind/store.ts'
import type { HeaderTree, Place } from './header-tree.ts'
import type { P2pLimits } from './limits.ts'
import type { Peer } from './peer.ts'
import { PeerEnd } from './peer-end.ts'

/** Checking a header takes tens of microseconds: others get their turn after so many. */
const BURST = 250

export type HeaderSyncParts = {
  readonly store: Store
  readonly tree: HeaderTree
  readonly clock: Clock
  readonly limits: P2pLimits
  readonly peers: ReadonlyMap<number, Peer>
  /** Bad blocks that are not stored. */
  isBad(hash: string): boolean
  /** A peer has shown more work than before. */
  onProgress(peer: Peer): void
}

/** Learns which chain each peer has, header by header, before any block is asked for. */
export interface HeaderSync {
  /** The most work that anybody has shown, this node among them. */
  best(): Place
  /** Asks for what comes behind the best that is known. */
  ask(peer: Peer): void
  take(peer: Peer, headers: readonly BlockHeader[]): Promise<void>
  /** A peer has a block of this hash. */
  heardOf(peer: Peer, hash: string): void
  /** Asks those on who had to wait for room. */
  resume(): void
  /** A peer is gone: headers that others have too are theirs now, the rest is forgotten. */
  left(peer: Peer): void
}

export const newHeaderSync = (parts: HeaderSyncParts): HeaderSync => {
  const { store, tree, clock, limits, peers } = parts
  // Not for each header that fits again.
  const roomToGoOn = Math.min(MAX_HEADERS, limits.headersPerPeer / 2)

  const askBehind = (peer: Peer, from: Place | undefined): void => {
    const hashes = locatorHeights(store.active.tip()!.height).map((height) => store.active.at(height)!.hash)
    const all = from === undefined ? hashes : [from.hash, ...hashes]
    peer.connection.send({
      command: 'getheaders',
      locator: { version: PROTOCOL_VERSION, hashes: all, stop: ZERO_HASH },
    })
    peer.sync.headersAskedUs = clock.steadyUs()
  }
  const best = (): Place => {
    let most: Place = store.active.tip()!
    for (const { sync } of peers.values()) {
      const shown = sync.best !== undefined && sync.best.work > most.work ? tree.find(sync.best.hash) : undefined
      if (shown !== undefined) most = shown
    }
    return most
  }
  const ask = (peer: Peer): void => {
    const known = best()
    // Behind its parent: so the answer says something also when there is nothing new.
    askBehind(peer, known.height === 0 ? undefined : tree.find(known.header.previous))
  }

  const setBest = (peer: Peer, place: Place): void => {
    const { sync } = peer
    const { best } = sync
    sync.told = place
    if (best !== undefined && place.work <= best.work) return
    if (!tree.has(place.hash)) sync.path = []
    else if (place.header.previous === best?.hash) sync.path.push(place.hash)
    else sync.path = tree.pathTo(place.hash)
    sync.best = place
  }

  const hasRoom = (peer: Peer, more: number): boolean =>
    tree.count(peer.id) + more <= limits.headersPerPeer && tree.size + more <= limits.headersInAll
  const pathsOf = (others: Iterable<Peer>): Map<string, number> => {
    const found = new Map<string, number>()
    for (const { id, sync } of others) for (const hash of sync.path) found.set(hash, id)
    return found
  }
  /** Lets go of what the peer has brought and nobody's chain has any more. */
  const forgetUnused = (peer: Peer): void => {
    const used = pathsOf(peers.values())
    for (const { hash } of tree.ownedBy(peer.id)) if (!used.has(hash)) tree.drop(hash)
  }

  const addAll = async (peer: Peer, headers: readonly BlockHeader[]): Promise<Place | undefined> => {
    let last: Place | undefined
    for (const [i, header] of headers.entries()) {
      if (i % BURST === BURST - 1) await turn()
      if (parts.isBad(headerHash(header))) throw new PeerEnd('chain.peer-invalid-chain')
      if (!hasRoom(peer, 1)) {
        // What has just come is its chain now, if it is the best of it.
        if (last !== undefined) setBest(peer, last)
        forgetUnused(peer)
        if (last !== undefined && tree.find(last.hash) === undefined) throw new PeerEnd('chain.peer-low-work')
        if (!hasRoom(peer, 1)) {
          peer.sync.hasMore = true
          return last
        }
      }
      const place = tree.add(header, peer.id)
      if ('refused' in place) {
        if (place.refused === 'bad') throw new PeerEnd('chain.peer-bad-header', place.why)
        if (place.refused === 'known-invalid') throw new PeerEnd('chain.peer-invalid-chain')
        // A clock that is behind: what was good until here stays.
        return last
      }
      last = place
    }
    return last
  }

  return {
    best,
    ask,
    take: async (peer, headers) => {
      const { sync } = peer
      delete sync.headersAskedUs
      const [first] = headers
      if (first === undefined) return
      // There was no room for those before: finding that out again costs more than sending them.
      if (sync.hasMore && !hasRoom(peer, 1)) return
      checkRow(headers)
      if (tree.find(first.previous) === undefined) {
        if (store.blocks.isInvalid(first.previous)) throw new PeerEnd('chain.peer-invalid-chain')
        if (++sync.unconnected > limits.unconnected) throw new PeerEnd('chain.peer-unconnected-headers')
        askBehind(peer, undefined)
        return
      }
      sync.unconnected = 0
      sync.hasMore = false
      const last = await addAll(peer, headers)
      if (last !== undefined) {
        setBest(peer, last)
        parts.onProgress(peer)
      }
      if (sync.hasMore) refuseWhatLeadsNowhere(peer)
      else if (headers.length === MAX_HEADERS && last !== undefined) askBehind(peer, last)
    },
    heardOf: (peer, hash) => {
      const place = tree.find(hash)
      if (place !== undefined) setBest(peer, place)
      else if (peer.sync.headersAskedUs === undefined) ask(peer)
    },
    resume: () => {
      for (const peer of peers.values()) {
        if (!peer.ready || !peer.sync.hasMore || !hasRoom(peer, roomToGoOn)) continue
        peer.sync.hasMore = false
        askBehind(peer, peer.sync.best && tree.find(peer.sync.best.hash))
      }
    },
    left: (peer) => {
      const used = pathsOf([...peers.values()].filter((other) => other !== peer))
      for (const { hash } of tree.ownedBy(peer.id)) {
        const other = used.get(hash)
        if (other === undefined) tree.drop(hash)
        else tree.give(hash, other)
      }
    },
  }

  /** A peer whose room is full of a chain with less work than ours has none that is worth having. */
  function refuseWhatLeadsNowhere(peer: Peer): void {
    const { best } = peer.sync
    if (best !== undefined && best.work > store.active.tip()!.work) return
    if (tree.count(peer.id) + 1 > limits.headersPerPeer) throw new PeerEnd('chain.peer-low-work')
    if (peer.direction === 'inbound') throw new PeerEnd('chain.peer-too-many-headers')
  }
}

const checkRow = (headers: readonly BlockHeader[]): void => {
  for (let i = 1; i < headers.length; i++)
    if (headers[i]!.previous !== headerHash(headers[i - 1]!))
      throw new PeerEnd('chain.peer-bad-header', 'headers do not follow each other')
}

import type { Clock } from '../../clock/port.ts'
import type { Xencoind } from '../xencoind/xencoind.ts'
import { type BlockDownload, newBlockDownload } from './block-download.ts'
import { newBlockIntake, type OfferedBlock } from './block-intake.ts'
import { type HeaderSync, newHeaderSync } from './header-sync.ts'
import { newHeaderTree } from './header-tree.ts'
import type { P2pLimits } from './limits.ts'
import type { PeerLog } from './log.ts'
import type { Peer } from './peer.ts'
import { PeerEnd } from './peer-end.ts'
import { newProgress } from './progress.ts'
import { newRemembered } from './remembered.ts'
import { announceTip } from './tip-relay.ts'

/** Bad blocks that are remembered without being stored. */
const MOST_BAD = 10_000
/** Headers up to this age show that the chain that is followed is the present one (Core: a day). */
const RECENT_S = 24 * 3600
/** A block may be a damaged copy of a good one of the same hash: it is asked of another peer. */
const DAMAGED = new Set([
  'bad-txnmrklroot',
  'bad-txns-duplicate',
  'bad-blk-length',
  'bad-witness-nonce-size',
  'bad-witness-merkle-match',
  'unexpected-witness',
])

export type ChainSyncParts = {
  readonly node: Xencoind
  readonly clock: Clock
  readonly limits: P2pLimits
  readonly log: PeerLog
  readonly peers: ReadonlyMap<number, Peer>
  endPeer(id: number, reason: PeerEnd): void
}

/** Headers, blocks and what follows from them, put together. */
export interface ChainSync {
  readonly headers: HeaderSync
  readonly download: BlockDownload
  ready(peer: Peer): void
  /** Tells all peers of a new tip. */
  announce(): void
  /** Goes on with what had to wait. */
  look(): void
  left(peer: Peer): void
  settled(): Promise<void>
}

export const chainSync = ({ node, clock, limits, log, peers, endPeer }: ChainSyncParts): ChainSync => {
  const { store } = node.inside
  const tree = newHeaderTree({ store, network: node.network, clock })
  const bad = newRemembered(MOST_BAD)
  const progress = newProgress(log, clock)

  const onRefused = ({ hash, from }: OfferedBlock, reason: string): void => {
    if (reason === 'time-too-new') return
    log.warn({ block: hash, reason }, 'a peer sent a block that breaks the rules')
    endPeer(from, new PeerEnd('chain.peer-bad-block', reason))
    if (DAMAGED.has(reason)) return
    bad.add(hash)
    for (const { id, sync } of peers.values()) {
      const at = sync.path.indexOf(hash)
      if (at < 0) continue
      const doomed = sync.path.splice(at)
      for (const one of doomed) tree.drop(one)
      intake.forget(doomed)
      if (id !== from) endPeer(id, new PeerEnd('chain.peer-invalid-chain'))
    }
  }
  const intake = newBlockIntake({
    store,
    log,
    submit: node.submitBlock,
    onStored: ({ hash }) => {
      tree.drop(hash)
      progress.at(store.active.tip()!.height, headers.best().height)
      download.schedule()
    },
    onRefused,
    onIdle: () => {
      headers.resume()
      download.schedule()
    },
  })
  const download = newBlockDownload({ store, clock, limits, peers, intake })
  const headers = newHeaderSync({
    store,
    tree,
    clock,
    limits,
    peers,
    isBad: bad.has,
    onProgress: () => {
      progress.at(store.active.tip()!.height, headers.best().height)
      download.schedule()
    },
  })

  /** While far behind, one peer at a time shows its chain: all would show the same. When it is known, all are asked. */
  const askSome = (): void => {
    const ready = [...peers.values()].filter((peer) => peer.ready)
    const isKnown = clock.now() / 1000 - headers.best().header.time < RECENT_S
    const isBusy = ready.some(({ sync }) => sync.headersAskedUs !== undefined && !sync.hasMore)
    if (!isKnown && isBusy) return
    // Rather one that this node called.
    const rank = (peer: Peer) => (peer.direction === 'inbound' ? 1 : 0)
    for (const peer of ready.filter(({ sync }) => !sync.wasAsked).sort((a, b) => rank(a) - rank(b))) {
      peer.sync.wasAsked = true
      headers.ask(peer)
      if (!isKnown) return
    }
  }

  return {
    headers,
    download,
    ready: askSome,
    announce: () => {
      // Not each block of a chain that is only being fetched.
      const isBehind = headers.best().height - store.active.tip()!.height > limits.blockWindow
      if (isBehind) return
      for (const peer of peers.values())
        if (peer.ready && peer.connection.queuedBytes < limits.sendBytes / 16) announceTip({ store, tree }, peer)
    },
    look: () => {
      askSome()
      headers.resume()
      download.schedule()
    },
    left: (peer) => {
      download.left(peer)
      headers.left(peer)
      download.schedule()
    },
    settled: intake.settled,
  }
}

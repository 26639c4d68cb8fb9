import type { Block } from '../../../domain/chain/block.ts'
import { headerHash } from '../../../domain/chain/codec.ts'
import { WITNESS_BLOCK } from '../../../domain/chain/wire/inventory.ts'
import { SERVICE } from '../../../domain/chain/wire/version.ts'
import type { Clock } from '../../clock/port.ts'
import type { Store } from '../xencoind/store.ts'
import type { BlockIntake } from './block-intake.ts'
import type { P2pLimits } from './limits.ts'
import type { Peer } from './peer.ts'
import { PeerEnd } from './peer-end.ts'

export type BlockDownloadParts = {
  readonly store: Store
  readonly clock: Clock
  readonly limits: P2pLimits
  readonly peers: ReadonlyMap<number, Peer>
  readonly intake: BlockIntake
}

/** Fetches the blocks of chains with more work than ours, from several peers at once, in a window that moves with the chain. */
export interface BlockDownload {
  /** Asks whoever can bring something for what is missing. */
  schedule(): void
  /** @throws PeerEnd `chain.peer-unrequested` */
  take(peer: Peer, block: Block, sizeBytes: number): void
  /** It does not have them: others are asked. */
  missing(peer: Peer, hashes: readonly string[]): void
  /** The peer brings nothing for too long. */
  overdue(peer: Peer): PeerEnd | undefined
  left(peer: Peer): void
}

export const newBlockDownload = ({ store, clock, limits, peers, intake }: BlockDownloadParts): BlockDownload => {
  /** Who was asked for a block. */
  const inFlight = new Map<string, number>()

  /** What the peer's chain lacks here, without what has been stored meanwhile. */
  const missingOf = ({ sync }: Peer): readonly string[] => {
    let stored = 0
    while (stored < sync.path.length && store.blocks.get(sync.path[stored]!) !== undefined) stored++
    if (stored > 0) sync.path = sync.path.slice(stored)
    return sync.path
  }

  const wantedFrom = (peer: Peer): string[] => {
    const room = limits.blocksPerPeer - peer.sync.requested.size
    const wanted: string[] = []
    for (const [i, hash] of missingOf(peer).slice(0, limits.blockWindow).entries()) {
      // However much is held: the block that all others wait for has to come.
      if (wanted.length >= room || (i > 0 && intake.heldBytes > limits.heldBytes)) break
      if (!inFlight.has(hash) && !intake.has(hash)) wanted.push(hash)
    }
    return wanted
  }

  const canServe = ({ ready, version }: Peer): boolean =>
    ready && version !== undefined && (version.services & (SERVICE.network | SERVICE.limited)) !== 0n

  return {
    schedule: () => {
      const tip = store.active.tip()!
      for (const peer of peers.values()) {
        const { best, requested } = peer.sync
        if (best === undefined || best.work <= tip.work || !canServe(peer)) continue
        const wanted = wantedFrom(peer)
        if (wanted.length === 0) continue
        const nowUs = clock.steadyUs()
        // Its time begins when it has something to do.
        if (requested.size === 0) peer.sync.lastBlockUs = nowUs
        for (const hash of wanted) {
          requested.set(hash, nowUs)
          inFlight.set(hash, peer.id)
        }
        const items = wanted.map((hash) => ({ type: WITNESS_BLOCK, hash }))
        peer.connection.send({ command: 'getdata', items })
      }
    },
    take: (peer, block, sizeBytes) => {
      const hash = headerHash(block.header)
      if (!peer.sync.requested.delete(hash)) throw new PeerEnd('chain.peer-unrequested', hash)
      if (inFlight.get(hash) === peer.id) inFlight.delete(hash)
      peer.sync.lastBlockUs = clock.steadyUs()
      peer.sync.lastBlockMs = clock.now()
      intake.offer({ hash, block, sizeBytes, from: peer.id })
    },
    missing: (peer, hashes) => {
      const gone = hashes.filter((hash) => peer.sync.requested.delete(hash))
      for (const hash of gone) if (inFlight.get(hash) === peer.id) inFlight.delete(hash)
      // It has shown a chain whose blocks it does not have.
      if (gone.length > 0) throw new PeerEnd('chain.peer-stalled', 'it does not have the blocks of its chain')
    },
    overdue: ({ sync }) =>
      sync.requested.size > 0 && clock.steadyUs() - sync.lastBlockUs > limits.blockMs * 1000
        ? new PeerEnd('chain.peer-stalled', `${sync.requested.size} blocks`)
        : undefined,
    left: (peer) => {
      for (const hash of peer.sync.requested.keys()) if (inFlight.get(hash) === peer.id) inFlight.delete(hash)
      peer.sync.requested.clear()
    },
  }
}

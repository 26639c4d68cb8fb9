import type { BanList } from './ban-list.ts'
import { chooseEvicted } from './evict.ts'
import type { P2pLimits } from './limits.ts'
import type { Peer } from './peer.ts'
import { PeerEnd, type PeerEndCode } from './peer-end.ts'

/** Whether somebody who calls is let in; another may have to leave for it. @returns why not */
export const askAtDoor = (
  { bans, limits, peers }: { bans: BanList; limits: P2pLimits; peers: ReadonlyMap<number, Peer> },
  host: string,
): PeerEndCode | undefined => {
  if (bans.has(host)) return 'chain.peer-banned'
  const inbound = [...peers.values()].filter(({ direction }) => direction === 'inbound')
  const room = Math.max(0, limits.peers - limits.outbound)
  if (inbound.length < room) return undefined
  const evicted = chooseEvicted(inbound)
  if (evicted === undefined) return 'chain.peer-full'
  evicted.connection.end(new PeerEnd('chain.peer-evicted'))
  return undefined
}

import { sourceOf } from './address-book.ts'
import type { Peer } from './peer.ts'

/** So many of the best in each respect keep their place, so that nobody can push out all honest peers by coming in numbers. */
const PROTECTED = 4

/** Who gives up its place to a newcomer: of those who called and do best in nothing, the newest of the most crowded source. */
export const chooseEvicted = (peers: Iterable<Peer>): Peer | undefined => {
  let open = [...peers].filter(({ direction }) => direction === 'inbound')
  const protect = (worth: (peer: Peer) => number): void => {
    const best = new Set([...open].sort((a, b) => worth(b) - worth(a)).slice(0, PROTECTED))
    open = open.filter((peer) => !best.has(peer) || worth(peer) === Number.NEGATIVE_INFINITY)
  }
  protect(({ ping }) => (ping.leastUs === undefined ? Number.NEGATIVE_INFINITY : -ping.leastUs))
  protect(({ sync }) => sync.lastBlockMs || Number.NEGATIVE_INFINITY)
  protect(({ pool }) => pool.lastTransactionMs || Number.NEGATIVE_INFINITY)
  // Half of what is left, by how long they have been here.
  open.sort((a, b) => b.connectedAtMs - a.connectedAtMs || b.id - a.id)
  open = open.slice(0, Math.ceil(open.length / 2))
  const crowds = new Map<string, Peer[]>()
  for (const peer of open) {
    const source = sourceOf(peer.connection.remote.host)
    crowds.set(source, [...(crowds.get(source) ?? []), peer])
  }
  const [crowd] = [...crowds.values()].sort((a, b) => b.length - a.length)
  return crowd?.[0]
}

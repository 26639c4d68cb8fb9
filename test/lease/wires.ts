import { type Link, type Peers, peerUnreachable } from '../../src/peer/port.ts'

/** The network between the nodes of a test. */
export type Wires = {
  /** While true nobody reaches anybody. */
  down: boolean
  /** Ends all connections that stand. */
  cut(): void
}

export const cuttable = (peers: Peers): { peers: Peers; wires: Wires } => {
  const links = new Set<Link>()
  const wires: Wires = {
    down: false,
    cut() {
      for (const link of links) link.close()
    },
  }
  return {
    wires,
    peers: {
      async dial(endpoint, signal) {
        if (wires.down) throw peerUnreachable(`${endpoint.host}:${endpoint.port}`, undefined)
        const link = await peers.dial(endpoint, signal)
        links.add(link)
        void link.closed.then(() => links.delete(link))
        return link
      },
      listen: (endpoint, onLink) => peers.listen(endpoint, onLink),
    },
  }
}

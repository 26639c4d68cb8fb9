import type { Random } from '../random/port.ts'
import { type Frames, linkOver } from './link.ts'
import { type Endpoint, type Link, MAX_LINKS, type Peers, peerUnreachable, portTaken } from './port.ts'

/** Frames that one end holds unread before its writer is told to wait. */
const HIGH_WATER_FRAMES = 16
const FIRST_PORT = 49_152

/** Two ends of one connection, in this process. The first is the initiator. */
export const memoryLinks = (random: Random, endpoint: Endpoint = { host: 'memory', port: 0 }): [Link, Link] => {
  const [here, there] = [new MemoryFrames(), new MemoryFrames()]
  here.peer = there
  there.peer = here
  const handshake = random.bytes(32)
  return [
    linkOver(here, { handshake, initiator: true, remote: `${endpoint.host}:${endpoint.port}` }),
    linkOver(there, { handshake: Uint8Array.from(handshake), initiator: false, remote: `${endpoint.host}:dialler` }),
  ]
}

/** A network of its own: only nodes that share the object reach one another. The reference for the contract tests. */
export const memoryPeers = (random: Random): Peers => {
  const listeners = new Map<number, (endpoint: Endpoint) => Link | undefined>()
  let nextPort = FIRST_PORT
  return {
    async dial(endpoint, signal) {
      signal?.throwIfAborted()
      const link = listeners.get(endpoint.port)?.(endpoint)
      if (link === undefined) throw peerUnreachable(`${endpoint.host}:${endpoint.port}`, undefined)
      return link
    },
    async listen(endpoint, onLink) {
      const port = endpoint.port === 0 ? nextPort++ : endpoint.port
      if (listeners.has(port)) throw portTaken(`${endpoint.host}:${port}`)
      const links = new Set<Link>()
      listeners.set(port, (to) => {
        if (links.size >= MAX_LINKS) return undefined
        const [dialled, accepted] = memoryLinks(random, to)
        links.add(accepted)
        void accepted.closed.then(() => links.delete(accepted))
        queueMicrotask(() => onLink(accepted))
        return dialled
      })
      return {
        host: endpoint.host,
        port,
        async close() {
          listeners.delete(port)
          for (const link of links) link.close()
        },
      }
    },
  }
}

class MemoryFrames implements Frames {
  changed = () => {}
  peer: MemoryFrames | undefined
  failure: unknown
  ended = false
  gone = false
  readonly #unread: Uint8Array[] = []
  #discarding = false
  #finished = false

  get full(): boolean {
    return this.peer !== undefined && this.peer.#unread.length >= HIGH_WATER_FRAMES
  }

  read(): Uint8Array | undefined {
    const frame = this.#unread.shift()
    if (frame !== undefined) this.#tellPeer()
    return frame
  }

  write(frame: Uint8Array): void {
    const peer = this.peer
    if (this.#finished || peer === undefined || peer.#discarding || peer.ended) return
    peer.#unread.push(Uint8Array.from(frame))
    queueMicrotask(() => peer.changed())
  }

  end(): void {
    if (this.#finished) return
    this.#finished = true
    const peer = this.peer
    queueMicrotask(() => {
      if (peer === undefined) return
      peer.ended = true
      peer.changed()
    })
  }

  discard(): void {
    this.#discarding = true
    this.#unread.length = 0
    this.#tellPeer()
  }

  destroy(): void {
    this.end()
    this.discard()
    this.ended = true
    this.gone = true
    this.changed()
    const peer = this.peer
    queueMicrotask(() => {
      if (peer === undefined || peer.gone) return
      peer.gone = true
      peer.failure = new Error('cut')
      peer.changed()
    })
  }

  #tellPeer(): void {
    const peer = this.peer
    queueMicrotask(() => peer?.changed())
  }
}

import { connect, createServer, type Server, type Socket } from 'node:net'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import { Fault } from '../../domain/fault.ts'
import { Slots } from '../process/slots.ts'
import { guardFrames } from './frame-guard.ts'
import { type Frames, linkOver } from './link.ts'
import {
  CLOSE_TIMEOUT_MS,
  type Endpoint,
  HANDSHAKE_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  KEEP_ALIVE_MS,
  type Link,
  MAX_DIALS,
  MAX_LINKS,
  MAX_SHAKING,
  type Peers,
  peerTimeout,
  peerUnreachable,
  portTaken,
} from './port.ts'

export type NoiseLimits = {
  readonly handshakeTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly keepAliveMs: number
  readonly maxLinks: number
  readonly maxShaking: number
}

const LIMITS: NoiseLimits = {
  handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS,
  idleTimeoutMs: IDLE_TIMEOUT_MS,
  keepAliveMs: KEEP_ALIVE_MS,
  maxLinks: MAX_LINKS,
  maxShaking: MAX_SHAKING,
}

/**
 * TCP, then Noise XX (Noise Protocol Framework, rev. 34) with a throw-away key for each connection, then libsodium's secretstream.
 * Who the other end is, `challenge.ts` asks afterwards.
 */
export const noisePeers = (limits: Partial<NoiseLimits> = {}): Peers => {
  const all = { ...LIMITS, ...limits }
  const inTurn = dialsInTurn()
  return {
    dial: (endpoint, signal) => inTurn(endpoint, () => dial(endpoint, all, signal)),
    listen: (endpoint, onLink) => listen(endpoint, all, onLink),
  }
}

/** So many handshakes with one endpoint at once. One that lets everybody wait holds up nobody but itself. */
const dialsInTurn = () => {
  const dialled = new Map<string, { readonly slots: Slots; users: number }>()
  return async <T>({ host, port }: Endpoint, work: () => Promise<T>): Promise<T> => {
    const key = `${host}:${port}`
    const known = dialled.get(key) ?? { slots: new Slots(MAX_DIALS), users: 0 }
    dialled.set(key, known)
    known.users += 1
    try {
      return await known.slots.with(work)
    } finally {
      known.users -= 1
      if (known.users === 0) dialled.delete(key)
    }
  }
}

const dial = async (endpoint: Endpoint, limits: NoiseLimits, signal?: AbortSignal): Promise<Link> => {
  signal?.throwIfAborted()
  const remote = `${endpoint.host}:${endpoint.port}`
  // Half-open is wanted: Node would otherwise end our side, and close, before what arrived last was read.
  const socket = connect({ host: endpoint.host, port: endpoint.port, allowHalfOpen: true, noDelay: true })
  const deadline = AbortSignal.timeout(limits.handshakeTimeoutMs)
  const stop = signal ? AbortSignal.any([signal, deadline]) : deadline
  const onStop = () => socket.destroy()
  stop.addEventListener('abort', onStop)
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', (cause) => reject(peerUnreachable(remote, cause)))
      socket.once('close', () => reject(peerUnreachable(remote, undefined)))
    })
    return await shake(socket, true, remote, limits)
  } catch (failure) {
    socket.destroy()
    signal?.throwIfAborted()
    throw deadline.aborted ? peerTimeout(remote, 'finish the handshake', limits.handshakeTimeoutMs) : failure
  } finally {
    stop.removeEventListener('abort', onStop)
  }
}

const listen = async (endpoint: Endpoint, limits: NoiseLimits, onLink: (link: Link) => void) => {
  const links = new Set<Link>()
  const sockets = new Set<Socket>()
  const shaking = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true, noDelay: true })
  server.maxConnections = limits.maxLinks
  server.on('connection', (socket) => {
    if (shaking.size >= limits.maxShaking) {
      // Whoever has only connected makes room: strangers that never finish a handshake must not keep out those that do.
      const [oldest] = shaking
      shaking.delete(oldest!)
      oldest!.destroy()
    }
    sockets.add(socket)
    shaking.add(socket)
    socket.on('close', () => sockets.delete(socket))
    const timer = setTimeout(() => socket.destroy(), limits.handshakeTimeoutMs)
    const remote = `${socket.remoteAddress}:${socket.remotePort}`
    shake(socket, false, remote, limits)
      .then(
        (link) => {
          links.add(link)
          void link.closed.then(() => links.delete(link))
          return link
        },
        // Scanners and broken peers come all day: nothing to tell anyone, and nothing may be left.
        () => void socket.destroy(),
      )
      .finally(() => {
        clearTimeout(timer)
        shaking.delete(socket)
      })
      .then((link) => link && onLink(link))
  })
  const port = await bound(server, endpoint)
  return {
    host: endpoint.host,
    port,
    close: () =>
      new Promise<void>((resolve) => {
        const cut = (some: Set<Socket>) => {
          for (const socket of some) socket.destroy()
        }
        cut(shaking)
        const timer = setTimeout(cut, CLOSE_TIMEOUT_MS, sockets)
        server.close(() => {
          clearTimeout(timer)
          resolve()
        })
        for (const link of links) link.close()
      }),
  }
}

const bound = (server: Server, { host, port }: Endpoint): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const at = `${host}:${port}`
      const next = 'Choose an address of this machine, and a port that this user may open.'
      const other = new Fault('peer.cannot-listen', `cannot listen at ${at}`, { culprit: 'you', next, cause })
      reject(cause.code === 'EADDRINUSE' ? portTaken(at, cause) : other)
    })
    server.listen({ host, port, exclusive: true }, () => {
      // Later errors are of single accepts (no descriptors left): the listener goes on.
      server.on('error', () => {})
      resolve((server.address() as { port: number }).port)
    })
  })

/** Must be called in the same tick in which the socket opened: the guard has to see the first byte. */
const shake = async (socket: Socket, initiator: boolean, remote: string, limits: NoiseLimits): Promise<Link> => {
  const frames = new NoiseFrames(socket, initiator, limits)
  // Nobody waits for the deadline of a peer that has gone already.
  const onEnd = () => frames.destroy()
  socket.on('end', onEnd)
  const opened = await frames.noise.opened
  socket.off('end', onEnd)
  if (!opened) {
    throw new Fault('peer.handshake-failed', `no secure connection with ${remote}`, {
      culprit: 'peer-unreachable',
      next: 'Check that a Zennet node, and not another program, listens there.',
      cause: frames.failure,
    })
  }
  frames.noise.setTimeout(limits.idleTimeoutMs)
  return linkOver(frames, { handshake: Uint8Array.from(frames.noise.handshakeHash!), initiator, remote })
}

class NoiseFrames implements Frames {
  changed = () => {}
  full = false
  ended = false
  gone = false
  failure: unknown
  readonly noise: NoiseSecretStream
  readonly #socket: Socket

  constructor(socket: Socket, initiator: boolean, limits: NoiseLimits) {
    this.#socket = socket
    guardFrames(socket, (fault) => this.noise.destroy(fault))
    this.noise = new NoiseSecretStream(initiator, socket, { keepAlive: limits.keepAliveMs })
    socket.on('end', () => {
      this.ended = true
      this.changed()
    })
    this.noise.on('readable', () => this.changed())
    this.noise.on('drain', () => {
      this.full = false
      this.changed()
    })
    this.noise.on('error', (error: unknown) => {
      this.failure ??= error
    })
    this.noise.on('close', () => {
      this.ended = true
      this.gone = true
      this.changed()
    })
  }

  read(): Uint8Array | undefined {
    return this.noise.read() ?? undefined
  }

  write(frame: Uint8Array): void {
    this.full = !this.noise.write(frame)
  }

  end(): void {
    this.noise.end()
  }

  discard(): void {
    this.noise.resume()
  }

  /** By a reset: the other end must not take what it got so far for all there was. */
  destroy(): void {
    this.#socket.resetAndDestroy()
    this.noise.destroy()
  }
}

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import { afterEach, describe, expect, it } from 'vitest'
import { noisePeers } from '../../src/peer/noise.ts'
import { type Link, type Listener, MAX_DIALS, MAX_MESSAGE_BYTES } from '../../src/peer/port.ts'
import { pair } from '../contracts/peer.ts'

const HOST = '127.0.0.1'
const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

const listening = async (onLink: (link: Link) => void = () => {}, limits = {}): Promise<Listener> => {
  const listener = await noisePeers(limits).listen({ host: HOST, port: 0 }, onLink)
  undo.push(() => listener.close())
  return listener
}

const raw = async (port: number): Promise<Socket> => {
  const socket = connect({ host: HOST, port, allowHalfOpen: true })
  socket.on('error', () => {})
  undo.push(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** A stranger who does the handshake as he should, and then what he likes. */
const stranger = async (port: number): Promise<{ socket: Socket; noise: NoiseSecretStream }> => {
  const socket = await raw(port)
  const noise = new NoiseSecretStream(true, socket)
  noise.on('error', () => {})
  await noise.opened
  return { socket, noise }
}

const ended = (socket: Socket) =>
  new Promise<void>((resolve) => {
    if (socket.readableEnded || socket.closed) return resolve()
    socket
      .once('end', resolve)
      .once('close', () => resolve())
      .resume()
  })

const usable = async (listener: Listener) => {
  const link = await noisePeers().dial({ host: HOST, port: listener.port })
  link.close()
  await link.closed
}

describe('a noise listener', () => {
  it('drops a peer that speaks something else, and goes on', async () => {
    const listener = await listening()
    for (const garbage of [
      'GET / HTTP/1.1\r\n\r\n',
      Buffer.alloc(70_000, 0xff),
      Buffer.from([32, 0, 0]),
      Buffer.alloc(300),
    ]) {
      const socket = await raw(listener.port)
      socket.end(garbage)
      await ended(socket)
    }
    await usable(listener)
  })

  it('drops a peer that is slow to shake hands, however it trickles', async () => {
    const listener = await listening(undefined, { handshakeTimeoutMs: 2000 })
    const silent = await raw(listener.port)
    const slow = await raw(listener.port)
    // A frame of 51,200 bytes, announced within the limit, one byte at a time.
    slow.write(Buffer.from([0, 200, 0]))
    const trickle = setInterval(() => slow.write(Buffer.from([1])), 20)
    undo.push(() => clearInterval(trickle))
    await Promise.all([ended(silent), ended(slow)])
    await usable(listener)
  })

  it('refuses a frame above the limit as soon as it is announced', async () => {
    const met = Promise.withResolvers<Link>()
    const listener = await listening(met.resolve)
    const { socket } = await stranger(listener.port)
    const link = await met.promise
    const receiving = link.receive()
    // The length alone, 16 MiB − 1, in two parts: nothing of the frame itself is ever sent.
    socket.write(Buffer.from([0xff]))
    socket.write(Buffer.from([0xff, 0xff]))
    await expect(receiving).rejects.toMatchObject({ code: 'peer.closed', cause: { code: 'peer.too-large' } })
    await ended(socket)
  })

  it.each([
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
    ['text that is not JSON', Buffer.from('{"a":')],
    ['an integer tag around something else', Buffer.from('{"$n":"1e9"}')],
    ['a key that reaches for the prototype', Buffer.from('{"__proto__":{"a":1}}')],
    ['brackets without end', Buffer.alloc(MAX_MESSAGE_BYTES, '[')],
  ])('closes on %s', async (_what, bytes) => {
    const met = Promise.withResolvers<Link>()
    const listener = await listening(met.resolve)
    const { noise } = await stranger(listener.port)
    noise.write(bytes)
    const link = await met.promise
    await expect(link.receive()).rejects.toMatchObject({ code: 'peer.malformed' })
    await expect(link.receive()).rejects.toMatchObject({ code: 'peer.closed' })
  })

  it('closes on a frame that was changed on the way', async () => {
    const met = Promise.withResolvers<Link>()
    const listener = await listening(met.resolve)
    const { socket } = await stranger(listener.port)
    const link = await met.promise
    const receiving = link.receive()
    socket.write(Buffer.concat([Buffer.from([40, 0, 0]), Buffer.alloc(40, 9)]))
    await expect(receiving).rejects.toMatchObject({ code: 'peer.closed' })
  })

  it('holds a flood back in the sender', async () => {
    const met = Promise.withResolvers<Link>()
    const listener = await listening(met.resolve)
    const { socket, noise } = await stranger(listener.port)
    const link = await met.promise
    const message = Buffer.from(JSON.stringify('x'.repeat(60_000)))
    const count = 1000
    for (let sent = 0; sent < count; sent += 1) noise.write(message)
    // 60 MB: if the listener kept reading, all would leave the sender. It must stop while nobody receives.
    let left = -1
    while (left !== socket.bytesWritten - socket.writableLength) {
      left = socket.bytesWritten - socket.writableLength
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    expect(left).toBeLessThan(count * message.length)
    for (let got = 0; got < count; got += 1) expect(await link.receive()).toHaveLength(60_000)
  })

  it('gives up a peer from which nothing comes', async () => {
    const { dialled, accepted } = await pair(noisePeers({ idleTimeoutMs: 500, keepAliveMs: 100_000 }))
    // Idle at both ends: neither hears the other, which sends no keep-alive.
    await Promise.all([dialled.closed, accepted.closed])
    await expect(accepted.receive()).rejects.toMatchObject({ code: 'peer.closed' })
  })

  it('keeps a quiet link alive', async () => {
    const { dialled, accepted, listener } = await pair(noisePeers({ idleTimeoutMs: 4000, keepAliveMs: 50 }))
    undo.push(() => listener.close())
    await expect(accepted.receive({ timeoutMs: 4500 })).rejects.toMatchObject({ code: 'peer.timeout' })
    await dialled.send('still here')
    expect(await accepted.receive()).toBe('still here')
  })

  it('leaves no half-open connection behind when the other end only ends', async () => {
    const met = Promise.withResolvers<Link>()
    const listener = await listening(met.resolve)
    const { socket, noise } = await stranger(listener.port)
    noise.end()
    await (await met.promise).closed
    await ended(socket)
  })

  it('notices a connection that is cut', async () => {
    const met = Promise.withResolvers<Link>()
    const listener = await listening(met.resolve)
    const { socket } = await stranger(listener.port)
    const link = await met.promise
    const receiving = link.receive()
    socket.resetAndDestroy()
    await expect(receiving).rejects.toMatchObject({ code: 'peer.closed' })
    await link.closed
  })

  it('takes no more links than its limit, and takes the next when one is free', async () => {
    const met = Promise.withResolvers<Link>()
    const listener = await listening(met.resolve, { maxLinks: 1 })
    const first = await noisePeers().dial({ host: HOST, port: listener.port })
    const second = noisePeers().dial({ host: HOST, port: listener.port })
    await expect(second).rejects.toMatchObject({ culprit: 'peer-unreachable' })
    first.close()
    await (await met.promise).closed
    for (;;) {
      const next = await noisePeers()
        .dial({ host: HOST, port: listener.port })
        .catch(() => undefined)
      if (next) break
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })

  it('keeps fewer that are shaking hands, and those do not take the place of links', async () => {
    const met = Promise.withResolvers<Link>()
    const listener = await listening(met.resolve, { maxShaking: 1 })
    const first = await noisePeers().dial({ host: HOST, port: listener.port })
    await met.promise
    const socket = await raw(listener.port)
    const second = await noisePeers().dial({ host: HOST, port: listener.port })
    await ended(socket)
    for (const link of [first, second]) await link.send({ still: 'there' })
    expect(await (await met.promise).receive()).toEqual({ still: 'there' })
    for (const link of [first, second]) link.close()
  })
})

describe('a noise listener that is flooded', () => {
  it('lets those in that shake hands, and keeps those that did', async () => {
    const met: Link[] = []
    const listener = await listening((link) => met.push(link), { maxShaking: 4 })
    const before = await noisePeers().dial({ host: HOST, port: listener.port })
    const silent = await Promise.all(Array.from({ length: 20 }, () => raw(listener.port)))
    const during = await noisePeers().dial({ host: HOST, port: listener.port })
    for (const link of [before, during]) await link.send({ still: 'there' })
    while (met.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    for (const link of met) expect(await link.receive()).toEqual({ still: 'there' })
    // The first of them had to go, without waiting for their deadline.
    await ended(silent[0]!)
  })
})

describe('dialling by noise', () => {
  it('is let in, however many links are wanted at once: few shake hands at a time', async () => {
    const listener = await listening(() => {}, { maxShaking: 2 * MAX_DIALS })
    const peers = noisePeers()
    const dials = Array.from({ length: 8 * MAX_DIALS }, () => peers.dial({ host: HOST, port: listener.port }))
    const links = await Promise.all(dials)
    for (const link of links) link.close()
  })

  const server = async (onSocket: (socket: Socket) => void): Promise<number> => {
    const sockets = new Set<Socket>()
    const tcp = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
      onSocket(socket)
    }).listen(0, HOST)
    undo.push(() => {
      for (const socket of sockets) socket.destroy()
      tcp.close()
    })
    await once(tcp, 'listening')
    return (tcp.address() as { port: number }).port
  }

  it('says that something else listens there', async () => {
    const port = await server((socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n'))
    const dialling = noisePeers().dial({ host: HOST, port })
    await expect(dialling).rejects.toMatchObject({ code: 'peer.handshake-failed' })
  })

  it('gives up on a listener that says nothing', async () => {
    const port = await server((socket) => socket.resume())
    const dialling = noisePeers({ handshakeTimeoutMs: 200 }).dial({ host: HOST, port })
    await expect(dialling).rejects.toMatchObject({ code: 'peer.timeout' })
  })

  it('stops when it is told to', async () => {
    const reached = Promise.withResolvers<void>()
    const port = await server(() => reached.resolve())
    const stop = new AbortController()
    const dialling = noisePeers().dial({ host: HOST, port }, stop.signal)
    await reached.promise
    stop.abort(new Error('enough'))
    await expect(dialling).rejects.toBe(stop.signal.reason)
  })

  it('says that an address cannot be listened at', async () => {
    const listening = noisePeers().listen({ host: '192.0.2.1', port: 0 }, () => {})
    await expect(listening).rejects.toMatchObject({ code: 'peer.cannot-listen', culprit: 'you' })
  })
})

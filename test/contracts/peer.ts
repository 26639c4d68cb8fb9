import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { equal } from '../../domain/bytes.ts'
import { type Link, type Listener, MAX_MESSAGE_BYTES, MAX_MESSAGE_DEPTH, type Peers } from '../../src/peer/port.ts'

/** The two ends of one connection, and what keeps them. */
export type Pair = { readonly dialled: Link; readonly accepted: Link; readonly listener: Listener }

export const pair = async (peers: Peers): Promise<Pair> => {
  const met = Promise.withResolvers<Link>()
  const listener = await peers.listen({ host: '127.0.0.1', port: 0 }, met.resolve)
  const dialled = await peers.dial({ host: '127.0.0.1', port: listener.port })
  return { dialled, accepted: await met.promise, listener }
}

const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])

/** What every `Peers` keeps to. */
export const peersContract = (name: string, make: () => Peers): void => {
  describe(`${name} keeps the peer contract`, () => {
    let peers: Peers
    let ends: Pair
    beforeEach(async () => {
      peers = make()
      ends = await pair(peers)
    })
    afterEach(async () => {
      ends.dialled.close()
      await ends.listener.close()
    })

    it('gives both ends one handshake, which no other connection has', async () => {
      expect(equal(ends.dialled.handshake, ends.accepted.handshake)).toBe(true)
      expect(ends.dialled.handshake.length).toBeGreaterThanOrEqual(32)
      expect([ends.dialled.initiator, ends.accepted.initiator]).toEqual([true, false])
      const other = await pair(make())
      expect(equal(other.dialled.handshake, ends.dialled.handshake)).toBe(false)
      other.dialled.close()
      await other.listener.close()
    })

    it('carries messages both ways, whole and in order', async () => {
      const messages = Array.from({ length: 50 }, (_, n) => ({
        n,
        sats: BigInt(n) * 10n ** 20n,
        text: 'ä€😀'.repeat(n),
      }))
      for (const message of messages) void ends.dialled.send(message)
      await ends.accepted.send(['back'])
      for (const message of messages) expect(await ends.accepted.receive()).toEqual(message)
      expect(await ends.dialled.receive()).toEqual(['back'])
    })

    it('carries a message of the greatest size and refuses a larger one, and goes on', async () => {
      const largest = 'x'.repeat(MAX_MESSAGE_BYTES - 2)
      await ends.dialled.send(largest)
      expect(await ends.accepted.receive()).toBe(largest)
      await expect(ends.dialled.send(`${largest}y`)).rejects.toMatchObject({ code: 'peer.too-large' })
      await ends.dialled.send('small')
      expect(await ends.accepted.receive()).toBe('small')
    })

    it('takes the deepest nesting that is allowed and closes on a deeper one', async () => {
      await ends.dialled.send(nested(MAX_MESSAGE_DEPTH))
      expect(await ends.accepted.receive()).toEqual(nested(MAX_MESSAGE_DEPTH))
      await ends.dialled.send(nested(MAX_MESSAGE_DEPTH + 1))
      await expect(ends.accepted.receive()).rejects.toMatchObject({ code: 'peer.malformed' })
      await ends.dialled.closed
      await expect(ends.accepted.receive()).rejects.toMatchObject({ code: 'peer.closed' })
    })

    it('gives up waiting, and loses nothing by it', async () => {
      await expect(ends.accepted.receive({ timeoutMs: 1 })).rejects.toMatchObject({ code: 'peer.timeout' })
      const stop = new AbortController()
      const waiting = ends.accepted.receive({ signal: stop.signal })
      stop.abort(new Error('enough'))
      await expect(waiting).rejects.toBe(stop.signal.reason)
      await ends.dialled.send('late')
      expect(await ends.accepted.receive()).toBe('late')
    })

    it('gives what was sent before the close, then says that it is closed', async () => {
      void ends.dialled.send('one')
      void ends.dialled.send('two')
      ends.dialled.close()
      await ends.accepted.closed
      expect(await ends.accepted.receive()).toBe('one')
      expect(await ends.accepted.receive()).toBe('two')
      await expect(ends.accepted.receive()).rejects.toMatchObject({ code: 'peer.closed' })
      await expect(ends.accepted.send('three')).rejects.toMatchObject({ code: 'peer.closed' })
      await expect(ends.dialled.receive()).rejects.toMatchObject({ code: 'peer.closed' })
      await ends.dialled.closed
    })

    it('wakes a waiting receive when the other end closes', async () => {
      const waiting = ends.accepted.receive()
      ends.dialled.close()
      await expect(waiting).rejects.toMatchObject({ code: 'peer.closed' })
    })

    it('becomes a stream of bytes without losing those that came early', async () => {
      const bytes = Uint8Array.from({ length: 3 * MAX_MESSAGE_BYTES + 7 }, (_, at) => at % 251)
      void ends.dialled.send('last message')
      const near = ends.dialled.toDuplex()
      near.end(bytes)
      expect(await ends.accepted.receive()).toBe('last message')
      const far = ends.accepted.toDuplex()
      far.end('and back')
      const [there, back] = await Promise.all([far.toArray(), near.toArray()])
      expect(equal(Buffer.concat(there), bytes)).toBe(true)
      expect(Buffer.concat(back).toString()).toBe('and back')
    })

    it('goes on in one direction when the other has ended', async () => {
      const near = ends.dialled.toDuplex()
      const far = ends.accepted.toDuplex()
      near.end('a question')
      far.resume()
      await once(far, 'end')
      far.write('a long ')
      await new Promise((resolve) => setImmediate(resolve))
      far.end('answer')
      expect(Buffer.concat(await near.toArray()).toString()).toBe('a long answer')
    })

    it('keeps a stream to the pace of its reader', async () => {
      const near = ends.dialled.toDuplex()
      const far = ends.accepted.toDuplex()
      const block = Buffer.alloc(MAX_MESSAGE_BYTES, 7)
      let written = 0
      while (near.write(block)) written += 1
      // 64 MB fit into no buffer on the way: the writer must have been held back until it is read.
      for (; written < 1000; written += 1) near.write(block)
      expect(near.writableNeedDrain).toBe(true)
      near.end()
      let size = 0
      for await (const part of far) size += (part as Buffer).length
      expect(size).toBe((written + 1) * MAX_MESSAGE_BYTES)
    })

    it('breaks the stream when the other side destroys its own', async () => {
      const near = ends.dialled.toDuplex()
      const far = ends.accepted.toDuplex()
      far.on('error', () => {})
      far.resume()
      near.on('error', () => {})
      near.destroy(new Error('cut'))
      if (!far.closed) await once(far, 'close').catch(() => {})
      expect(far.errored).toMatchObject({ code: 'peer.closed' })
    })

    it('says plainly that nobody listens', async () => {
      await ends.listener.close()
      const dialling = peers.dial({ host: '127.0.0.1', port: ends.listener.port })
      await expect(dialling).rejects.toMatchObject({ code: 'peer.unreachable', culprit: 'peer-unreachable' })
    })

    it('says plainly that a port is taken', async () => {
      const listening = peers.listen({ host: '127.0.0.1', port: ends.listener.port }, () => {})
      await expect(listening).rejects.toMatchObject({ code: 'peer.port-taken', culprit: 'you' })
    })

    it('closes its links with the listener', async () => {
      await ends.listener.close()
      await ends.dialled.closed
    })

    it('does not dial once it was told to stop', async () => {
      const stop = AbortSignal.abort(new Error('enough'))
      await expect(peers.dial({ host: '127.0.0.1', port: ends.listener.port }, stop)).rejects.toBe(stop.reason)
    })
  })
}

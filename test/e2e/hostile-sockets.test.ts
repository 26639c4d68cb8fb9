import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toHex } from '../../domain/bytes.ts'
import { nativeCurve } from '../../src/curve/native.ts'
import { findProgram } from '../../src/machine/host-program.ts'
import { staticBusybox } from '../../src/machine/toolbox.ts'
import { noisePeers } from '../../src/peer/noise.ts'
import { MAX_SHAKING } from '../../src/peer/port.ts'
import { goesOn } from './goes-on.ts'
import { LIMIT_MS, type Market, openMarket } from './market.ts'
import { expectPaidOnChain } from './money.ts'
import { stopLease } from './story.ts'

const missing = [
  ...['unshare', 'nsenter', 'setpriv'].filter((name) => findProgram(name) === undefined),
  ...(staticBusybox() === undefined ? ['busybox-static'] : []),
]
const unable = missing.length > 0 && !process.env['CI']
const timeout = 2 * LIMIT_MS
const FLOOD = 2_000
/** What a daemon of this size may take more after all of it: garbage that waits to be collected, nothing that grows with the attack. */
const MOST_GROWN_BYTES = 96 * 2 ** 20

describe.skipIf(unable)(
  `strangers at the socket of a daemon with a lease ${missing.map((name) => `(no ${name})`)}`,
  { timeout },
  () => {
    let market: Market
    let leaseId: string
    let endpoint: { host: string; port: number }
    let before: number
    const held: Socket[] = []
    const raw = async (): Promise<Socket> => {
      const socket = connect(endpoint)
      socket.on('error', () => {}).resume()
      await once(socket, 'connect')
      return socket
    }
    const residentBytes = () =>
      1_024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${market.publisher.daemon().pid}/status`, 'utf8'))![1])
    beforeAll(async () => {
      market = await openMarket({ machines: 'namespace' })
      leaseId = await market.rent()
      const { status } = await market.publisher.api.request<{ status: { endpoint: string } }>('{ status { endpoint } }')
      const [host, port] = status.endpoint.split(':')
      endpoint = { host: host!, port: Number(port) }
      before = residentBytes()
    }, timeout)
    afterAll(async () => {
      for (const socket of held) socket.destroy()
      await market?.close()
    }, timeout)

    it('connect by thousands and say nothing, or garbage, or that much is to come', async () => {
      const says = [
        Buffer.alloc(0),
        Buffer.from('GET / HTTP/1.1\r\n\r\n'),
        Buffer.from([255, 255, 255]),
        Buffer.alloc(300, 7),
      ]
      for (let i = 0; i < FLOOD; i += 50)
        await Promise.all(
          Array.from({ length: 50 }, async (_, at) => {
            const socket = await raw()
            socket.write(says[at % says.length]!)
            socket.destroy()
          }),
        )
      await goesOn(market, leaseId)
    })

    it('hold more connections than may shake hands, a byte at a time: a provider still comes through', async () => {
      for (let i = 0; i < MAX_SHAKING + 50; i++) held.push(await raw())
      for (const socket of held) socket.write(Buffer.from([32]))
      await goesOn(market, leaseId)
      const other = await market.rent()
      await stopLease(market.publisher, other)
      await market.when(market.publisher, other, ({ stage }) => stage === 'SETTLED')
    })

    it('shake hands, and speak another version, network or tongue: told why, and sent away', async () => {
      const { publicKey } = { publicKey: toHex(nativeCurve.publicKey(new Uint8Array(32).fill(9))) }
      const hello = {
        type: 'challenge.hello',
        version: 1,
        role: 'provider',
        key: publicKey,
        network: 'xencoin-dev',
        nonce: '00'.repeat(32),
        subject: `body:${'00'.repeat(32)}`,
      }
      const talks: readonly (readonly [object, string])[] = [
        [{ ...hello, version: 0 }, 'version'],
        [{ ...hello, network: 'xencoin' }, 'network'],
        [{ ...hello, role: 'publisher' }, 'role'],
        [{ ...hello, subject: 'whatever' }, 'subject'],
        [{ ...hello, more: 'x' }, 'malformed'],
        [{ type: 'voucher', tick: 1 }, 'malformed'],
      ]
      for (const [message, code] of talks) {
        const link = await noisePeers().dial(endpoint)
        await link.send(message)
        expect(await link.receive()).toMatchObject({ type: 'challenge.refused', code })
        await link.closed
      }
      // A proof that is none, after a hello as it should be.
      const link = await noisePeers().dial(endpoint)
      await link.send(hello)
      expect(await link.receive()).toMatchObject({ type: 'challenge.hello', role: 'publisher' })
      await link.send({ type: 'challenge.proof', signature: '11'.repeat(64) })
      expect(await link.receive()).toMatchObject({ type: 'challenge.proof' })
      expect(await link.receive()).toMatchObject({ type: 'challenge.refused', code: 'bad-signature' })
      await link.closed
      await goesOn(market, leaseId)
    })

    it('cost no memory that stays, and the lease is settled as agreed', async () => {
      expect(residentBytes() - before).toBeLessThan(MOST_GROWN_BYTES)
      await stopLease(market.publisher, leaseId)
      const { settled } = await expectPaidOnChain(market, leaseId)
      expect(settled.end).toMatchObject({ code: 'stopped-by-publisher' })
    })
  },
)

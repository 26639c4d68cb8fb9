import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { networkNamed } from '../../domain/chain/network.ts'
import { openRpcEngine } from '../../src/chain/rpc-engine.ts'
import { serveRpc } from '../../src/chain/rpc-server.ts'
import type { Clock } from '../../src/clock/port.ts'
import { systemClock } from '../../src/clock/system.ts'
import { freshNode } from './fresh-node.ts'

const network = networkNamed('xencoin-dev')
/** Waits between tries take no time. */
const hasty: Clock = { ...systemClock, sleep: async () => {} }
const auth = { user: 'u', password: 'p' }

const served = async () => {
  const { node, dataDir } = await freshNode()
  const server = await serveRpc({ node, dataDir, port: 0, login: auth })
  onTestFinished(() => server.close())
  return { node, server }
}
const answering = async (body: string): Promise<string> => {
  const server = createServer((_, response) => response.end(body)).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

it('says that nothing answers', async () => {
  const { server } = await served()
  const { url } = server
  await server.close()
  await expect(openRpcEngine({ network, url, auth, clock: hasty })).rejects.toMatchObject({ code: 'chain.unreachable' })
})

it('says that its login was refused', async () => {
  const { url } = (await served()).server
  const wrong = { user: 'u', password: 'wrong' }
  await expect(openRpcEngine({ network, url, auth: wrong, clock: hasty })).rejects.toMatchObject({
    code: 'chain.not-authorised',
  })
})

it('refuses a node of another network', async () => {
  const { url } = (await served()).server
  await expect(openRpcEngine({ network: networkNamed('regtest'), url, auth, clock: hasty })).rejects.toMatchObject({
    code: 'chain.wrong-network',
  })
})

it('refuses answers of another form', async () => {
  const url = await answering('{"result":42,"error":null}')
  await expect(openRpcEngine({ network, url, auth, clock: hasty })).rejects.toMatchObject({ code: 'chain.bad-answer' })
})

it('treats what is no JSON-RPC as unreachable', async () => {
  const url = await answering('<html>')
  await expect(openRpcEngine({ network, url, auth, clock: hasty })).rejects.toMatchObject({ code: 'chain.unreachable' })
})

it('keeps a good node apart from a liar', async () => {
  const { node, server } = await served()
  const engine = await openRpcEngine({ network, url: server.url, auth, clock: systemClock })
  const [hash] = await node.mine(1, new Uint8Array([0x51]))
  const liar = await answering(JSON.stringify({ result: '00', error: null }))
  await expect(openRpcEngine({ network, url: liar, auth, clock: hasty })).rejects.toMatchObject({
    code: 'chain.bad-answer',
  })
  expect((await engine.block(hash!))?.height).toBe(1)
})

it('ends its followers and its calls when it closes', async () => {
  const { server } = await served()
  const engine = await openRpcEngine({ network, url: server.url, auth, clock: systemClock, pollMs: 60_000 })
  const events = engine.follow(undefined, new AbortController().signal)[Symbol.asyncIterator]()
  await events.next()
  await events.next()
  const waiting = events.next()
  await engine.close()
  expect((await waiting).done).toBe(true)
})

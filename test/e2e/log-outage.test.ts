import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scratchFolder } from '../docker/private-dockerd.ts'
import { type Double, startDouble } from '../journal/kurrentdb-double/double.ts'
import { type Chain, startChain } from './chain.ts'
import { LIMIT_MS, until } from './market.ts'
import { type MarketNode, startNode } from './node.ts'

type Page = { readonly ok: boolean; readonly reason?: string; readonly next?: string }

describe('a node whose log is on a server (a double) that goes away', { timeout: LIMIT_MS }, () => {
  let folder: string
  let chain: Chain
  let double: Double
  let node: MarketNode
  beforeAll(async () => {
    folder = await scratchFolder()
    chain = await startChain(folder)
    double = await startDouble()
    const journal = ['--journal', `${double.url}#market`]
    node = await startNode(join(folder, 'a'), chain, [...journal, '--roles', 'publisher,api', '--publisher-port', '0'])
  }, LIMIT_MS)
  afterAll(async () => {
    await node?.stop()
    await chain?.daemon().stop()
    double?.kill()
    await rm(folder, { recursive: true, force: true })
  }, LIMIT_MS)

  const page = async (name: 'healthz' | 'readyz'): Promise<[number, Page]> => {
    const [, url] = await node.daemon().line(/^API: (\S+)\/graphql/)
    const response = await fetch(`${url}/${name}`)
    return [response.status, (await response.json()) as Page]
  }
  const ready = () =>
    until(
      async () => (await page('readyz'))[0] === 200,
      async () => JSON.stringify(await page('readyz')),
    )
  const coins = async () =>
    (await node.api.request<{ balance: { confirmedSats: string } }>('{ balance { confirmedSats } }')).balance
      .confirmedSats

  it('is ready', ready)

  it('says what is wrong while the server is away, and lives on', async () => {
    double.kill()
    const [status, { ok, reason, next }] = await page('readyz')
    expect({ status, ok, reason }).toEqual({ status: 503, ok: false, reason: 'journal.unavailable' })
    expect(next).toMatch(/\S/)
    expect((await page('healthz'))[0]).toBe(200)
    await expect(coins()).rejects.toMatchObject({ code: 'journal.unavailable', next: expect.stringMatching(/\S/) })
    // What needs no log is answered as before.
    expect(await node.api.request('{ blocks(first: 1) { edges { node { height } } } }')).toMatchObject({ blocks: {} })
  })

  it('does what it did before when the server is back: nothing of the chain is missing', async () => {
    const { store, port } = double
    await chain.mine(3)
    double = await startDouble({ store, port })
    await ready()
    const { receiveAddress } = await node.api.request<{ receiveAddress: string }>('{ receiveAddress }')
    await chain.mine(1, receiveAddress)
    await chain.mine(11)
    await until(
      async () => (await coins()) !== '0',
      async () => `${await coins()}\n${node.daemon().log().slice(-2_000)}`,
    )
    const heights = async () => {
      type Blocks = { blocks: { edges: { node: { height: number } }[] } }
      const { blocks } = await node.api.request<Blocks>('{ blocks(first: 100) { edges { node { height } } } }')
      return blocks.edges.map(({ node: { height } }) => height)
    }
    await until(
      async () => (await heights()).length >= 16,
      async () => `blocks ${await heights()}\n${node.daemon().log().slice(-2_000)}`,
    )
    const all = await heights()
    expect(all).toEqual(all.map((_, i) => all[0]! - i))
  })
})

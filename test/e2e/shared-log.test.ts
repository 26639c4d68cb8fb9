import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scratchFolder } from '../docker/private-dockerd.ts'
import { type Chain, startChain } from './chain.ts'
import { freePort } from './daemon.ts'
import { LIMIT_MS, REQUEST, until } from './market.ts'
import { type MarketNode, startNode } from './node.ts'
import type { Step } from './story.ts'

const KEY = `ssh-ed25519 ${Buffer.from('a key that nobody has the other half of').toString('base64')} test`
const LABEL = 'what nobody else shall read'
const POST = `mutation ($input: RentInput!) { rent(input: $input) {
  __typename ... on AnnouncementPosted { txid position } ... on Problem { code message next } } }`
const SEEN = `query ($txid: Hex!, $atLeast: Position) {
  announcement(txid: $txid, atLeast: $atLeast) { own maxHourlyMsat label } }`

/** Hears the market's feed until a fact of this type comes. @returns the announcement that it is of */
const firstOf = async ({ api }: MarketNode, type: string): Promise<string | undefined> => {
  type Item = { readonly marketFeed: { readonly type?: string; readonly announcementTxid?: string } }
  const feed = 'subscription { marketFeed { ... on MarketEvent { type announcementTxid } } }'
  for await (const { marketFeed } of api.subscribe<Item>(feed))
    if (marketFeed.type === type) return marketFeed.announcementTxid
  throw new Error(`the feed ended without ${type}`)
}

describe('nodes that only read a log that others write', { timeout: LIMIT_MS }, () => {
  let folder: string
  let chain: Chain
  let publisher: MarketNode
  const readers: MarketNode[] = []
  beforeAll(async () => {
    folder = await scratchFolder()
    chain = await startChain(folder)
    const journal = ['--journal', `sqlite:${join(folder, 'shared.sqlite')}`]
    const port = ['--publisher-port', String(await freePort())]
    publisher = await startNode(join(folder, 'publisher'), chain, [...journal, '--roles', 'publisher,api', ...port])
    for (const name of ['one', 'two'])
      readers.push(await startNode(join(folder, name), undefined, [...journal, '--roles', 'api']))
    const { receiveAddress } = await publisher.api.request<{ receiveAddress: string }>('{ receiveAddress }')
    await chain.mine(1, receiveAddress)
    await chain.mine(11)
  }, LIMIT_MS)
  afterAll(async () => {
    for (const node of [...readers, publisher]) await node?.stop()
    await chain?.daemon().stop()
    await rm(folder, { recursive: true, force: true })
  }, LIMIT_MS)

  const coins = async ({ api }: MarketNode) =>
    (await api.request<{ balance: { confirmedSats: string } }>('{ balance { confirmedSats } }')).balance.confirmedSats

  it('have rows of their own, and neither wallet nor chain', async () => {
    for (const { dataDir, api } of readers) {
      expect(existsSync(join(dataDir, 'rows.sqlite'))).toBe(true)
      for (const name of ['wallet.json', 'chain', 'journal.sqlite', 'machines'])
        expect(existsSync(join(dataDir, name))).toBe(false)
      expect(await api.request('{ status { identity chain roles machines endpoint } }')).toEqual({
        status: { identity: null, chain: 'none', roles: ['api'], machines: null, endpoint: null },
      })
    }
  })

  it('see what the publisher does, at the position that its command answered with', async () => {
    await until(
      async () => (await coins(publisher)) !== '0',
      () => 'coins of the publisher',
    )
    const input = { ...REQUEST, label: LABEL, authorizedKeys: [KEY], idempotencyKey: crypto.randomUUID() }
    const heard = firstOf(readers[0]!, 'announcement.posted')
    heard.catch(() => {})
    const { rent } = await publisher.api.request<{ rent: Step & { txid: string; position: string } }>(POST, { input })
    expect(rent).toMatchObject({ __typename: 'AnnouncementPosted' })
    expect(await heard).toBe(rent.txid)
    const asked = { txid: rent.txid, atLeast: rent.position }
    const seen = await publisher.api.request(SEEN, asked)
    // A personal field, sealed in the log.
    expect(seen).toMatchObject({ announcement: { own: true, label: LABEL } })
    for (const reader of readers) {
      expect(await reader.api.request(SEEN, asked)).toEqual(seen)
      await until(
        async () => (await coins(reader)) === (await coins(publisher)),
        async () => `${await coins(reader)} are ${await coins(publisher)}`,
      )
    }
  })

  it('do no command, and say who does', async () => {
    const input = { ...REQUEST, authorizedKeys: [KEY], idempotencyKey: crypto.randomUUID() }
    const { rent } = await readers[1]!.api.request<{ rent: Step }>(POST, { input })
    expect(rent).toMatchObject({ code: 'reads-only', next: expect.stringMatching(/role/) })
    await expect(readers[1]!.api.request('{ receiveAddress }')).rejects.toMatchObject({ code: 'node.no-wallet' })
  })

  it('go on reading when the publisher is gone', async () => {
    await publisher.kill()
    const before = await coins(readers[0]!)
    await readers[0]!.kill()
    await readers[0]!.start()
    expect(await coins(readers[0]!)).toBe(before)
    await publisher.start()
  })
})

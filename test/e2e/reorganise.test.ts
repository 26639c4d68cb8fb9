import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { encodeAddress } from '../../domain/chain/address.ts'
import { p2wpkh } from '../../domain/chain/script.ts'
import { skipWithoutBitcoind, whyNoBitcoind } from '../bitcoind/bitcoind.ts'
import { zennet } from '../cli/zennet.ts'
import { eventually } from '../lease/eventually.ts'
import { type ChainProgram, startChain } from './chain.ts'
import { startNode } from './node.ts'

const ROWS = `query($address: String!) {
  blocks(first: 4) { edges { node {
    hash height previous time transactionCount outputSats virtualSize sizeBytes weight subsidySats feeSats
  } } }
  transactions(first: 4) { edges { node {
    txid height blockHash index coinbase outputSats feeSats feeRate weight
    inputs { txid vout sats address } outputs { vout sats script address spentBy spentHeight }
  } } }
  feeHistory(first: 2) { edges { node { fromHeight toHeight blocks transactions feeSats medianRate } } }
  addresses(first: 5) { edges { node { address balanceSats receivedSats sentSats transactionCount unspentCount } } }
  address(address: $address) {
    balanceSats transactionCount unspentCount
    transactions(first: 5) { edges { node { txid height receivedSats sentSats } } }
    unspent(first: 5, orderBy: { by: SATS, direction: DESCENDING }) { edges { node { txid vout sats height } } }
  }
}`
type Edges<T> = { edges: readonly { node: T }[] }
type Rows = {
  blocks: Edges<{ hash: string; height: number; feeSats: string }>
  transactions: Edges<{
    txid: string
    feeSats: string | null
    inputs: { sats: string; address: string }[]
    outputs: { address: string; spentBy: string | null }[]
  }>
  address: { balanceSats: string; unspent: Edges<{ sats: string }> } | null
}
type Waiting = { mempool: Edges<{ txid: string; feeSats: string; feeRate: number; depends: string[] }> }
type Told = { chainFeed: { __typename: string; type?: string; depth?: number; waiting?: string; position: string } }

const COINS = '1000000'

/** `zennet chain …` and `zennet wallet watch` show what the API does. */
const commandsShow = async (dataDir: string, home: string, after: Rows, txid: string, payee: string): Promise<void> => {
  const run = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await zennet([...args, '--data-dir', dataDir], { home })
    expect(code, `${args.join(' ')}: ${stderr}`).toBe(0)
    return stdout
  }
  const json = async (...args: string[]) => JSON.parse(await run(...args, '-o', 'json'))
  const [tip, paidIn] = after.blocks.edges.map(({ node }) => node)
  expect(await json('chain', 'tip')).toMatchObject({ height: tip!.height, hash: tip!.hash })
  expect((await json('chain', 'blocks', '--limit', '2')).map(({ hash }: { hash: string }) => hash)).toEqual([
    tip!.hash,
    paidIn!.hash,
  ])
  expect(await run('chain', 'block', String(paidIn!.height))).toContain(txid)
  expect(await json('chain', 'tx', txid)).toMatchObject({ txid, feeSats: paidIn!.feeSats })
  expect(await json('chain', 'address', payee)).toMatchObject({ balanceSats: COINS, transactionCount: 1 })
  expect(await run('chain', 'address', payee, '--unspent')).toContain(txid)
  expect(await json('chain', 'mempool')).toEqual([])
  expect(await run('chain', 'fees')).toMatch(/\d/)
  const unknown = await zennet(['chain', 'tx', '00'.repeat(32), '--data-dir', dataDir], { home })
  expect(unknown.code).not.toBe(0)
  expect(unknown.stderr).toMatch(/not-found/)

  expect(await json('wallet', 'watch', `addr(${payee})`)).toMatchObject({
    balanceSats: COINS,
    complete: true,
    addresses: [{ address: payee, used: true, unspentCount: 1 }],
  })
  const descriptors: { account: string; descriptor: string }[] = await json('wallet', 'descriptors')
  const { descriptor } = descriptors.find(({ account }) => account === 'RECEIVE')!
  expect(BigInt((await json('wallet', 'watch', descriptor)).receivedSats)).toBeGreaterThan(0n)
  expect(await run('wallet', 'watch', descriptor)).toContain('unused')
  const refused = await zennet(['wallet', 'watch', 'wpkh(x)', '--data-dir', dataDir], { home })
  expect(refused.stderr).toMatch(/wallet\.bad-descriptor/)
}

/** The chain takes two blocks back: what the API shows is what it showed before them, and the payment in them waits again. */
const takesBack = async (program: ChainProgram): Promise<void> => {
  const home = await mkdtemp(join(tmpdir(), 'zennet-reorganise-'))
  const chain = await startChain(home, program)
  const node = await startNode(home, chain, ['--roles', 'publisher,api', '--chain-index', 'true'])
  try {
    const ask = <T>(query: string, variables = {}) => node.api.request<T>(query, variables)
    const payee = encodeAddress(chain.network, p2wpkh(new Uint8Array(20).fill(7)))
    const rows = () => ask<Rows>(ROWS, { address: payee })
    const isAt = async (hash: string) => {
      const [tip] = (await rows().catch(() => undefined))?.blocks.edges ?? []
      const { address } = (await rows().catch(() => undefined)) ?? {}
      return tip?.node.hash === hash && address !== undefined
    }
    const { receiveAddress } = await ask<{ receiveAddress: string }>('{ receiveAddress }')
    await chain.mine(1, receiveAddress)
    await chain.mine(chain.network.coinbaseMaturity)
    const best = () => chain.rpc<string>('getbestblockhash')
    const base = await best()
    await eventually('the rows are at the tip', () => isAt(base))
    await eventually(
      'the index is',
      async () =>
        (await ask<{ s: { edges: unknown[] } }>('{ s: addresses(first: 2) { edges { cursor } } }')).s.edges.length ===
        2,
    )
    const before = await rows()
    expect(before.address).toBeNull()

    const input = { address: payee, sats: COINS, idempotencyKey: 'once' }
    const { send } = await ask<{ send: { txid: string } }>(
      'mutation($input: SendInput!) { send(input: $input) { ... on PaymentSent { txid } } }',
      { input },
    )
    const waiting = async () =>
      (await ask<Waiting>('{ mempool(first: 5) { edges { node { txid feeSats feeRate depends } } } }')).mempool.edges
    await eventually('the payment waits', async () => (await waiting()).length === 1)
    const [{ node: waits } = { node: undefined }] = await waiting()
    expect(waits).toMatchObject({ txid: send.txid, depends: [] })
    expect(Number(waits?.feeSats)).toBeGreaterThan(0)

    await chain.mine(2)
    // Blocks and their index are followed each by itself.
    await eventually('the payment is in a block', async () => {
      const { address, transactions } = await rows()
      return address?.balanceSats === COINS && transactions.edges.some(({ node: { txid } }) => txid === send.txid)
    })
    await eventually('nothing waits', async () => (await waiting()).length === 0)
    const after = await rows()
    const paid = after.transactions.edges.find(({ node: { txid } }) => txid === send.txid)?.node
    expect(paid).toMatchObject({ feeSats: waits?.feeSats, inputs: [{ address: receiveAddress }] })
    expect(paid?.outputs.map(({ address }) => address)).toContain(payee)
    expect(after.blocks.edges[1]?.node.feeSats).toBe(waits?.feeSats)

    if (program === 'xencoind') await commandsShow(node.dataDir, home, after, send.txid, payee)

    const { status } = await ask<{ status: { head: string } }>('{ status { head } }')
    const told: Told['chainFeed'][] = []
    const cut = new AbortController()
    const listening = (async () => {
      const feed = node.api.subscribe<Told>(
        `subscription($after: Position) { chainFeed(after: $after, mempool: true) {
          __typename ... on ChainEvent { type depth waiting position }
        } }`,
        { after: status.head },
        { signal: cut.signal },
      )
      for await (const { chainFeed } of feed) told.push(chainFeed)
    })().catch(() => {})

    const first = await chain.rpc<string>('getblockhash', before.blocks.edges[0]!.node.height + 1)
    await chain.rpc('invalidateblock', first)
    await eventually('the rows are back', async () => {
      const now = await rows()
      return now.blocks.edges[0]?.node.hash === base && now.address === null
    })
    expect(await rows()).toEqual(before)
    await eventually('the payment waits again', async () => (await waiting()).length === 1)
    expect((await waiting())[0]?.node).toEqual(waits)

    await chain.mine(3, payee)
    await eventually(
      'the other branch is told',
      async () => told.filter(({ type }) => type === 'chain.connected').length === 3,
    )
    const types = told.flatMap(({ type }) => (type?.startsWith('chain.') ? [type] : []))
    expect(types).toEqual([
      ...['chain.disconnected', 'chain.disconnected', 'chain.reorganised'],
      ...['chain.connected', 'chain.connected', 'chain.connected'],
    ])
    expect(told.find(({ type }) => type === 'chain.reorganised')?.depth).toBe(2)
    await eventually('the mempool is told', async () => told.some(({ type }) => type === 'mempool.left'))
    expect(told.filter(({ waiting: it }) => it === send.txid).map(({ type }) => type)).toEqual([
      'mempool.entered',
      'mempool.left',
    ])
    cut.abort()
    await listening
  } finally {
    await node.stop()
    await chain.daemon().stop()
    await rm(home, { recursive: true })
  }
}

describe('a chain that takes blocks back, through a running node', { timeout: 180_000 }, () => {
  it('xencoind', () => takesBack('xencoind'))
  it.skipIf(skipWithoutBitcoind)(`bitcoind on regtest ${whyNoBitcoind}`, () => takesBack('bitcoind'))
})

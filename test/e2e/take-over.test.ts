import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findProgram } from '../../src/machine/host-program.ts'
import { staticBusybox } from '../../src/machine/toolbox.ts'
import { freePort } from './daemon.ts'
import { LIMIT_MS, type Market, openMarket, until } from './market.ts'
import { expectPaidOnChain } from './money.ts'
import { type MarketNode, startNode } from './node.ts'
import { factsOf, type Lease, leaseOf, stopLease } from './story.ts'

const missing = [
  ...['unshare', 'nsenter', 'setpriv'].filter((name) => findProgram(name) === undefined),
  ...(staticBusybox() === undefined ? ['busybox-static'] : []),
]
const unable = missing.length > 0 && !process.env['CI']
const timeout = 2 * LIMIT_MS
/** What one lease makes a publisher's wallet send. */
const ONCE = ['announcement', 'funding', 'identity', 'withdrawal']

describe.skipIf(unable)(`two publishers and a reader on one log ${missing.map((name) => `(no ${name})`)}`, () => {
  let market: Market
  let other: MarketNode
  let reader: MarketNode
  let leaseId: string
  let journal: string[]
  beforeAll(async () => {
    const port = String(await freePort())
    // The folder of the market is known when it is open: one beside it would not be removed with it.
    const flags = (folder: string) => {
      journal = ['--journal', `sqlite:${join(folder, 'shared.sqlite')}`]
      return [...journal, '--wallet-file', join(folder, 'wallet.json'), '--publisher-port', port]
    }
    market = await openMarket({ machines: 'namespace', publisher: flags, provider: ['--reconnect-ms', '120000'] })
    const { folder, chain } = market
    const roles = ['--roles', 'publisher,api']
    other = await startNode(join(folder, 'other'), chain, [...roles, ...flags(folder)])
    reader = await startNode(join(folder, 'reader'), undefined, ['--roles', 'api', ...journal])
    leaseId = await market.rent()
  }, timeout)
  afterAll(async () => {
    await other?.stop()
    await reader?.stop()
    await market?.close()
  }, timeout)

  const tickOf = async (node: MarketNode) => (await leaseOf(node, leaseId))?.tick ?? 0
  /** Seen by the reader: a voucher beyond this tick. */
  const paidBeyond = (tick: number): Promise<Lease> =>
    market.when(reader, leaseId, (lease) => lease.stage === 'METER' && !lease.starved && lease.tick > tick + 2)

  it('one of them acts, and the other says so', { timeout }, async () => {
    const endpointOf = async ({ api }: MarketNode) =>
      (await api.request<{ status: { endpoint: string | null } }>('{ status { endpoint } }')).status.endpoint
    expect(await endpointOf(market.publisher)).not.toBeNull()
    expect(await endpointOf(other)).toBeNull()
    expect(await stopLease(other, leaseId)).toMatchObject({
      code: 'standby',
      next: expect.stringMatching(/takes over/),
    })
    await paidBeyond(await tickOf(other))
  })

  it('the other goes on with the lease when the one is killed', { timeout }, async () => {
    await market.publisher.kill()
    await paidBeyond(await tickOf(reader))
    await market.publisher.start()
    await paidBeyond(await tickOf(market.publisher))
  })

  it('nothing was done twice, to the sat', { timeout }, async () => {
    expect(await stopLease(market.publisher, leaseId)).toMatchObject({ code: 'standby' })
    expect((await stopLease(other, leaseId)).__typename).toBe('LeaseStopped')
    const { settled } = await expectPaidOnChain(market, leaseId)
    expect(settled.end).toMatchObject({ code: 'stopped-by-publisher' })
    const ticks = (await factsOf(reader, leaseId)).filter(({ type }) => type === 'lease.metered')
    expect(ticks.map(({ fact }) => fact['tick'])).toEqual(ticks.map((_, i) => i + 1))
    type History = { walletHistory: { edges: { node: { purpose: string | null } }[] } }
    const { walletHistory } = await other.api.request<History>(
      '{ walletHistory(first: 100) { edges { node { purpose } } } }',
    )
    const purposes = walletHistory.edges.flatMap(({ node }) => node.purpose ?? []).sort()
    expect(purposes).toEqual(ONCE)
    // What the wallet sent and the provider's close, and nothing else but the miner's.
    const sent = async () => {
      const { transactions } = await reader.api.request<{ transactions: { edges: { node: { coinbase: boolean } }[] } }>(
        '{ transactions(first: 100) { edges { node { coinbase } } } }',
      )
      return transactions.edges.filter(({ node }) => !node.coinbase).length
    }
    await until(
      async () => (await sent()) > ONCE.length,
      async () => `all transactions in blocks: ${await sent()}`,
    )
    expect(await sent()).toBe(ONCE.length + 1)
  })
})

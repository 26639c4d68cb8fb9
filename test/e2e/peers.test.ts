import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findProgram } from '../../src/machine/host-program.ts'
import { staticBusybox } from '../../src/machine/toolbox.ts'
import { LIMIT_MS, type Market, openMarket, until } from './market.ts'
import { expectPaidOnChain } from './money.ts'
import { stopLease } from './story.ts'

const missing = [
  ...['unshare', 'nsenter', 'setpriv'].filter((name) => findProgram(name) === undefined),
  ...(staticBusybox() === undefined ? ['busybox-static'] : []),
]
const unable = missing.length > 0 && !process.env['CI']
const timeout = 2 * LIMIT_MS

describe.skipIf(unable)(
  `a lease between nodes that each keep a chain of a closed network, and are peers ${missing.map((name) => `(no ${name})`)}`,
  () => {
    let market: Market
    beforeAll(async () => {
      market = await openMarket({ machines: 'namespace', apart: true })
    }, timeout)
    afterAll(() => market?.close(), timeout)

    it('is announced, metered, ended and paid in a block that all have', { timeout }, async () => {
      const { publisher, provider, chain } = market
      const chains = await Promise.all(
        [publisher, provider].map(({ api }) => api.request('{ status { chain network } }')),
      )
      expect(chains[0]).toMatchObject({ status: { chain: 'xencoind embedded', network: /^signed-/ } })
      const leaseId = await market.rent()
      expect(await stopLease(publisher, leaseId)).toMatchObject({ __typename: expect.not.stringMatching('Problem') })
      await expectPaidOnChain(market, leaseId)
      expect(await chain.rpc<number>('getconnectioncount')).toBe(1)
    })

    it('and the blocks that the first makes come to the last', { timeout }, async () => {
      await market.chain.mine(3)
      const height = await market.chain.rpc<number>('getblockcount')
      for (const { api } of [market.provider, market.publisher])
        await until(
          async () => {
            const { status } = await api.request<{ status: { height: number } }>('{ status { height } }')
            return status.height >= height || undefined
          },
          () => `block ${height}`,
        )
    })
  },
)

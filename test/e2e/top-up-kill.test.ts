import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findProgram } from '../../src/machine/host-program.ts'
import { staticBusybox } from '../../src/machine/toolbox.ts'
import { LIMIT_MS, type Market, openMarket } from './market.ts'
import { expectPaidOnChain } from './money.ts'
import { factsOf, leaseOf, stopLease, topUpLease } from './story.ts'

const missing = [
  ...['unshare', 'nsenter', 'setpriv'].filter((name) => findProgram(name) === undefined),
  ...(staticBusybox() === undefined ? ['busybox-static'] : []),
]
const unable = missing.length > 0 && !process.env['CI']

describe.skipIf(unable)(
  `a node that is killed in the middle of a top-up ${missing.map((name) => `(no ${name})`)}`,
  { timeout: 3 * LIMIT_MS },
  () => {
    let market: Market
    let leaseId: string
    beforeAll(async () => {
      // Longer than any start of a daemon on a busy machine.
      market = await openMarket({ machines: 'namespace', provider: ['--reconnect-ms', '120000'] })
      leaseId = await market.rent({ tickMs: 2_000 })
    }, 2 * LIMIT_MS)
    afterAll(() => market?.close(), 2 * LIMIT_MS)

    it.each(['publisher', 'provider'] as const)('loses nothing: the %s', async (who) => {
      const before = BigInt((await leaseOf(market.publisher, leaseId))!.capacitySats!)
      const asked = await topUpLease(market.publisher, leaseId, 6_000n, who)
      expect(asked.__typename).toBe('LeaseTopUpAsked')
      await market[who].kill()
      await market[who].start()
      for (const side of [market.publisher, market.provider])
        await market.when(side, leaseId, ({ capacitySats }) => BigInt(capacitySats!) === before + 6_000n)
      const { tick } = (await leaseOf(market.publisher, leaseId))!
      await market.when(market.publisher, leaseId, (lease) => lease.stage === 'METER' && lease.tick >= tick + 2)
    })

    it('and all of it is on the chain, once', async () => {
      await stopLease(market.publisher, leaseId)
      await expectPaidOnChain(market, leaseId)
      const toppedUp = (await factsOf(market.publisher, leaseId)).filter(({ type }) => type === 'lease.topped-up')
      expect(toppedUp).toHaveLength(2)
    })
  },
)

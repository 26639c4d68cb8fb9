import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findProgram } from '../../src/machine/host-program.ts'
import { staticBusybox } from '../../src/machine/toolbox.ts'
import { comesToBe, goesOn } from './goes-on.ts'
import { LIMIT_MS, type Market, openMarket, until } from './market.ts'
import { coinsOf } from './money.ts'
import { factsOf, stopLease } from './story.ts'

const missing = [
  ...['unshare', 'nsenter', 'setpriv'].filter((name) => findProgram(name) === undefined),
  ...(staticBusybox() === undefined ? ['busybox-static'] : []),
]
const unable = missing.length > 0 && !process.env['CI']
const timeout = 3 * LIMIT_MS

/**
 * When each dies, as `fused-daemon.ts` has it: between a fact that is on its disk, or is not yet, and everything that would follow. The
 * publisher's log begins with the proof of both keys: until then it dies with nothing written.
 */
const STAGES = [
  ['announce', 'after announcement.posted', 'after announcement.described'],
  ['connect', 'called', 'after lease.sought'],
  ['challenge', 'before lease.sought', 'after lease.connected'],
  ['negotiate', 'after lease.offered', 'after lease.offered'],
  ['provision', 'after lease.funded', 'after lease.agreed'],
  ['meter', 'after lease.paid', 'after lease.metered'],
] as const
const BUDGET_SATS = 40_000n

describe.skipIf(unable)(
  `either daemon is killed in each stage ${missing.map((name) => `(no ${name})`)}`,
  { timeout },
  () => {
    let market: Market
    /** One for each stage; all run on while those after it are begun. */
    const running: string[] = []
    const dies = async (side: 'publisher' | 'provider') => {
      await market[side].daemon().ended
      await market[side].start()
    }
    beforeAll(async () => {
      // Longer than any start of a daemon on a busy machine, as often as they are killed here.
      const provider = ['--reconnect-ms', '600000', '--max-leases', String(STAGES.length + 1)]
      market = await openMarket({ machines: 'namespace', provider, run: { fused: true } })
    }, timeout)
    afterAll(() => market?.close(), timeout)

    it.each(STAGES)('%s: the lease comes to be, and all others go on', async (_, publisher, provider) => {
      market.publisher.arm(publisher)
      market.provider.arm(provider)
      const both = Promise.all([dies('publisher'), dies('provider')])
      const idempotencyKey = crypto.randomUUID()
      const ask = () => market.announce({ idempotencyKey, budgetSats: String(BUDGET_SATS) })
      // Whoever asked is not answered by a node that died meanwhile, and asks again.
      const txid = await ask().catch(() => both.then(ask))
      await both
      const { leaseId } = await comesToBe(market, txid)
      running.push(leaseId)
      await Promise.all(running.map((id) => goesOn(market, id)))
    })

    it('settle: the lease is paid once, and all others go on', async () => {
      market.publisher.arm('after lease.ended')
      market.provider.arm('after lease.ended')
      const both = Promise.all([dies('publisher'), dies('provider')])
      await stopLease(market.publisher, running[0]!).catch(() => {})
      await both
      for (const side of [market.publisher, market.provider])
        await market.when(side, running[0]!, ({ stage }) => stage === 'SETTLED')
      await Promise.all(running.slice(1).map((id) => goesOn(market, id)))
    })

    it('and everything ends as agreed, to the sat', async () => {
      for (const leaseId of running.slice(1)) await stopLease(market.publisher, leaseId)
      let paid = 0n
      for (const leaseId of running) {
        const ours = await market.when(market.publisher, leaseId, ({ stage }) => stage === 'SETTLED')
        const theirs = await market.when(
          market.provider,
          leaseId,
          ({ stage, released }) => stage === 'SETTLED' && released,
        )
        expect(ours.end).toMatchObject({ code: 'stopped-by-publisher' })
        expect([theirs.paidSats, theirs.settlementTxid]).toEqual([ours.paidSats, ours.settlementTxid])
        for (const side of [market.publisher, market.provider])
          expect((await factsOf(side, leaseId)).filter(({ type }) => type === 'lease.funded')).toHaveLength(1)
        paid += BigInt(ours.paidSats)
      }
      // What is not there in the end are fees: less than the budget of one lease, so none was locked twice.
      const feesOf = async () => {
        const [publisher, provider] = [await coinsOf(market, 'publisher'), await coinsOf(market, 'provider')]
        const fees = {
          publisher: market.funds - paid - BigInt(publisher.confirmedSats) - BigInt(publisher.bondedSats),
          provider: paid - BigInt(provider.confirmedSats),
        }
        return { ...fees, bonded: publisher.bondedSats }
      }
      await until(
        async () => {
          const { publisher, provider, bonded } = await feesOf()
          return bonded === '0' && publisher > 0n && publisher < BUDGET_SATS && provider >= 0n && provider < paid
        },
        async () => JSON.stringify(await feesOf(), (_, value) => String(value)),
      )
    })
  },
)

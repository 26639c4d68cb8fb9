import { describe, expect, it } from 'vitest'
import type { AnnouncementFact } from '../../domain/announcement/facts.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import type { Policy } from '../../domain/match.ts'
import { hourlyMsat, owedMsat, scalePrice } from '../../domain/price.ts'
import { inRig, leaseOf, MAX_DATA_GRACE_MS, PRICE, type Rent, type Rig, type RigProvider } from './rig.ts'

type Settled = Extract<LeaseFact, { type: 'lease.settled' }>
type Over = Extract<LeaseFact, { type: 'lease.refused' }>
type Judged = Extract<AnnouncementFact, { type: 'announcement.judged' }>
const TIMEOUT_MS = 60_000

/** Lets the lease run for some ticks, stops it, and sees both sides settle. */
const runToEnd = async ({ publisher, provider, mineUntil }: Rig, ticks = 5): Promise<void> => {
  await publisher.fact('lease.paid', undefined, ticks)
  const { context } = await leaseOf(publisher)
  await publisher.publisher.stopLease(context.leaseId)
  await mineUntil(Promise.all([publisher.fact('lease.settled'), provider.fact('lease.settled')]))
}

describe.concurrent('a lease that goes well', { timeout: TIMEOUT_MS }, () => {
  it(
    'goes from announced to settled, to the sat on both sides and on the chain',
    inRig({}, async (rig) => {
      const { publisher, provider, node } = rig
      const txid = await publisher.rent()
      await runToEnd(rig)
      await provider.fact('lease.released')
      const [theirs, ours] = [await leaseOf(publisher), await leaseOf(provider)]
      expect(ours.context.tick).toBeGreaterThan(0)
      expect(theirs.context.receipt).toEqual(ours.context.receipt)
      expect(ours.context.receipt).toMatchObject({
        publisherSignature: expect.any(String),
        providerSignature: expect.any(String),
        receipt: { code: 'stopped-by-publisher', culprit: 'publisher', paidSats: ours.context.paidSats },
      })
      const { terms, usage, paidSats, funding } = ours.context
      expect(theirs.context.paidSats).toBe(paidSats)
      expect(ours.context.owedMsat).toBe(owedMsat(terms!.price, usage))
      const settled = (await provider.facts('lease.settled'))[0] as Settled
      expect((await publisher.facts('lease.settled'))[0]).toMatchObject({ paidSats, txid: settled.txid })
      expect(settled.paidSats).toBe(paidSats)

      const close = (await node.transaction(settled.txid))!.tx
      const { capacitySats, publisherScript } = terms!.channel
      expect(close.outputs[0]!.value).toBe(capacitySats - paidSats)
      expect(Buffer.from(close.outputs[0]!.script).toString('hex')).toBe(publisherScript)
      const fee = capacitySats - close.outputs.reduce((sum, output) => sum + output.value, 0n)
      await rig.mineUntil(provider.fact('wallet.received'))
      expect((await provider.life.wallet.balance()).confirmed).toBe(paidSats - fee)

      await rig.mineUntil(publisher.fact('announcement.withdrawn'))
      await rig.mineUntil(
        (async () => {
          for (;;) {
            const balance = await publisher.life.wallet.balance()
            if (balance.unconfirmed === 0n && balance.reserved === 0n) return
            await new Promise((resolve) => setTimeout(resolve, 20))
          }
        })(),
      )
      const history = await publisher.life.wallet.history()
      const fees = history.reduce((sum, entry) => sum + (entry.fee ?? 0n), 0n)
      expect((await publisher.life.wallet.balance()).confirmed).toBe(node.network.subsidy - paidSats - fees)
      expect(history.filter(({ purpose }) => purpose === 'funding')).toHaveLength(1)
      expect(
        (await publisher.facts('announcement.posted')).map((fact) => (fact as never as { txid: string }).txid),
      ).toEqual([txid])
      expect(provider.machines.calls.map((call) => call.split(' ')[0])).toEqual(['create', 'freeze', 'remove'])
      expect(funding).toBeDefined()
    }),
  )

  it(
    'gives its places to the cheapest, and tells the third that it was not chosen',
    inRig({ providers: [3n, 1n, 2n].map((times) => ({ ask: scalePrice(PRICE, times, 4n) })) }, async (rig) => {
      const { publisher, providers, mineUntil } = rig
      await publisher.rent({ body: { count: 2 }, order: { offerWindowMs: 3_000 } })
      const [dear, cheapest, second] = providers as [RigProvider, RigProvider, RigProvider]
      for (const provider of [cheapest, second]) await provider.fact('lease.paid', undefined, 3)
      expect(await dear.fact<Over>('lease.refused')).toMatchObject({ code: 'not-chosen', culprit: 'publisher' })
      expect(dear.machines.calls).toEqual([])
      await mineUntil(publisher.fact('announcement.withdrawn'))
      // The provider may want the end as well.
      for (const provider of [cheapest, second])
        expect(provider.seeker.stopLease((await leaseOf(provider)).context.leaseId)).toBe(true)
      await mineUntil(Promise.all([cheapest, second].map((provider) => provider.fact('lease.settled'))))
      await mineUntil(publisher.fact('lease.settled', undefined, 2))
      for (const provider of [cheapest, second])
        expect((await leaseOf(provider)).context.end).toMatchObject({
          code: 'stopped-by-provider',
          culprit: 'provider',
        })
      const paid = await Promise.all([cheapest, second].map(async (one) => (await leaseOf(one)).context.paidSats))
      const told = await publisher.facts('lease.settled')
      expect(told.map(({ paidSats }) => paidSats).sort()).toEqual(paid.sort())
    }),
  )

  it(
    'counters an ask above the ceiling that the floor allows',
    inRig({}, async (rig) => {
      const ceiling = 30_000_000_000n
      await rig.publisher.rent({ body: { maxHourlyMsat: ceiling } })
      await rig.provider.fact('lease.countered')
      await runToEnd(rig)
      const { terms, receipt } = (await leaseOf(rig.provider)).context
      expect(hourlyMsat(terms!.price, terms!.resources)).toBeLessThanOrEqual(ceiling)
      expect(receipt?.publisherSignature).toBeDefined()
    }),
  )

  it(
    'ends when the budget is used, and no sat above it is paid',
    inRig({}, async (rig) => {
      await rig.publisher.rent({ order: { capacitySats: 8_000n } })
      const { publisher, provider } = rig
      expect(await provider.fact('lease.ended')).toMatchObject({ code: 'capacity-used' })
      await rig.mineUntil(Promise.all([publisher.fact('lease.settled'), provider.fact('lease.settled')]))
      expect((await leaseOf(publisher)).context.paidSats).toBeLessThanOrEqual(8_000n)
    }),
  )
})

describe.concurrent('a lease that does not come to be', { timeout: TIMEOUT_MS }, () => {
  it(
    'since the price is below the floor on a traffic that the ceiling does not see',
    inRig(
      { providers: [{ floor: { ...PRICE, startMsat: 7_777n, wallHour: 1n, cpuHour: 1n, memGiBHour: 1n } }] },
      async (rig) => {
        await rig.publisher.rent({ body: { maxHourlyMsat: 30_000_000_000n } })
        expect(await rig.provider.fact<Over>('lease.refused')).toMatchObject({
          code: 'below-floor',
          culprit: 'publisher',
        })
        expect(await rig.publisher.fact<Over>('lease.refused')).toMatchObject({ code: 'below-floor' })
      },
    ),
  )

  it(
    'since the publisher wants its data kept for longer than the provider keeps any',
    inRig({}, async (rig) => {
      await rig.publisher.rent({ order: { dataGraceMs: MAX_DATA_GRACE_MS + 1 } })
      for (const side of [rig.provider, rig.publisher]) {
        expect(await side.fact<Over>('lease.refused')).toMatchObject({ code: 'policy-says-no', culprit: 'provider' })
      }
    }),
  )

  it.for<readonly [string, Partial<Policy>, Rent]>([
    ['trusted', { trustedKeys: ['02'.repeat(33)] }, {}],
    ['image', { images: ['alpine'] }, {}],
    ['duration', { maxDurationMs: 1_000 }, {}],
    ['price', {}, { body: { maxHourlyMsat: 1_000n } }],
    ['isolation', {}, { body: { isolation: 'vm' } }],
  ])('since the policy says no: %s', async ([rule, policy, rent]) =>
    inRig({ providers: [{ policy }] }, async (rig) => {
      await rig.publisher.rent(rent)
      const { verdict } = await rig.provider.fact<Judged>('announcement.judged')
      expect(verdict.rules.filter(({ ok }) => !ok).map((each) => each.rule)).toEqual([rule])
      expect(await rig.provider.facts('lease.sought')).toEqual([])
    })(),
  )
})

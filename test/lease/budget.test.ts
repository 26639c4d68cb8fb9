import { describe, expect, it } from 'vitest'
import { type Fact, isRefusal } from '../../domain/fact.ts'
import { Fault } from '../../domain/fault.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import type { Journal } from '../../src/journal/port.ts'
import { inRig, leaseOf, type Rig, type RigOptions } from './rig.ts'
import { settleBoth } from './top-up-rig.ts'

const TIMEOUT_MS = 90_000
type Paid = Extract<LeaseFact, { type: 'lease.paid' }>

/** The day's limit holds also where a run goes over midnight: then there are two days. */
const limited = (dailyBudgetSats: bigint, options: RigOptions, run: (rig: Rig) => Promise<void>) =>
  inRig(options, async (rig) => {
    await rig.publisher.stop()
    rig.publisher.dailyBudgetSats = dailyBudgetSats
    await rig.publisher.start()
    await run(rig)
  })

/** What the publisher signed away in all, by its log. */
const signedSats = async ({ publisher }: Rig): Promise<bigint> => {
  const newest = new Map<string, bigint>()
  for (const { stream, fact } of await publisher.journal.readAll(0, { types: ['lease.paid'] }, 10_000))
    newest.set(stream, (fact as Paid).paidSats)
  return [...newest.values()].reduce((sum, sats) => sum + sats, 0n)
}

/** A log that does not take some units that have a fact of a type. */
const failing = (journal: Journal) => {
  let left = 0
  let type = ''
  const failed = Promise.withResolvers<void>()
  const transact: Journal['transact'] = async (appends, ...rest) => {
    if (left > 0 && appends.some(({ facts }) => facts.some((fact) => fact.type === type))) {
      if (--left === 0) failed.resolve()
      throw new Fault('journal.disk-full', 'no room in this test')
    }
    return await journal.transact(appends, ...rest)
  }
  return {
    journal: new Proxy(journal, {
      get: (target, key) => (key === 'transact' ? transact : Reflect.get(target, key, target)),
    }),
    fail(of: string, times: number): void {
      type = of
      left = times
    },
    failed: failed.promise,
  }
}

const isFunding = (fact: Fact): boolean =>
  fact.type === 'wallet.sent' && (fact as { purpose?: string }).purpose === 'funding'

describe.concurrent('a day’s budget', { timeout: TIMEOUT_MS }, () => {
  it(
    'ends a lease in time, with a reason of its own, and everything it owed is paid',
    limited(30_000n, {}, async (rig) => {
      await rig.publisher.rent()
      for (const side of [rig.provider, rig.publisher])
        expect(await side.fact('lease.ended')).toMatchObject({ code: 'daily-budget-used', culprit: 'publisher' })
      await settleBoth(rig)
      const { context } = await leaseOf(rig.publisher)
      expect(context.paidSats).toBeLessThanOrEqual(30_000n)
      expect(context.paidSats).toBeGreaterThan(20_000n)
      expect(context.paidSats * 1_000n).toBeGreaterThanOrEqual(context.owedMsat)
      expect(context.receipt?.providerSignature).toBeDefined()
      expect(rig.publisher.spending.today().spentSats).toBe(context.paidSats)
    }),
  )

  it(
    'is of all leases together',
    limited(40_000n, { providers: [{}, {}] }, async (rig) => {
      await rig.publisher.rent({ body: { count: 2 } })
      await rig.publisher.fact('lease.ended', undefined, 2)
      await rig.mineUntil(rig.publisher.fact('lease.settled', undefined, 2))
      const sats = await signedSats(rig)
      expect(sats).toBeLessThanOrEqual(40_000n)
      expect(rig.publisher.spending.today().spentSats).toBe(sats)
      for (const { code } of await rig.publisher.facts('lease.ended')) expect(code).toBe('daily-budget-used')
    }),
  )

  it(
    'is remembered by a publisher that was killed, and nothing more is agreed to',
    limited(20_000n, { providers: [{ policy: { maxLeases: 2 } }] }, async (rig) => {
      await rig.publisher.rent()
      await rig.publisher.fact('lease.paid', undefined, 2)
      rig.publisher.life.fuse.blow()
      await rig.publisher.stop()
      await rig.publisher.start()
      await rig.publisher.fact('lease.ended')
      await settleBoth(rig)
      const sats = await signedSats(rig)
      rig.publisher.dailyBudgetSats = sats + 1_000n
      await rig.publisher.stop()
      await rig.publisher.start()
      expect(rig.publisher.spending.today().spentSats).toBe(sats)
      expect(sats).toBeLessThanOrEqual(20_000n)
      await rig.publisher.rent({ order: { capacitySats: 100_000n } })
      expect(await rig.provider.fact('lease.refused')).toMatchObject({
        code: 'over-daily-budget',
        culprit: 'publisher',
      })
      expect(await signedSats(rig)).toBe(sats)
    }),
  )

  it.for([
    ['lease.paid', 3],
    ['lease.funded', 1],
  ] as const)('counts once what its log did not take at first: %s', async ([type, times]) => {
    const log = failing(memoryJournal())
    await limited(
      2_000_000n,
      { journal: async (side) => (side === 'publisher' ? log.journal : memoryJournal()) },
      async (rig) => {
        if (type === 'lease.funded') log.fail(type, times)
        await rig.publisher.rent()
        await rig.publisher.fact('lease.paid', undefined, 3)
        if (type === 'lease.paid') log.fail(type, times)
        await log.failed
        const { tick } = (await leaseOf(rig.publisher)).context
        await rig.publisher.fact<Paid & Record<string, never>>('lease.paid', (fact) => fact.tick > tick + 2)
        await settleBoth(rig)
        expect(rig.publisher.spending.today().spentSats).toBe(await signedSats(rig))
      },
    )()
  })

  it(
    'that was lowered while its publisher was dead ends the lease whose coins are locked, and the publisher starts',
    limited(2_000_000n, {}, async (rig) => {
      const { publisher } = rig
      publisher.trap = (facts) => (facts.some(isFunding) ? 'after' : undefined)
      const { life } = publisher
      await publisher.rent()
      await life.fuse.blownAt
      publisher.trap = () => undefined
      publisher.dailyBudgetSats = 500n
      await publisher.stop()
      await publisher.start()
      for (const side of [rig.publisher, rig.provider])
        expect(await side.fact('lease.ended')).toMatchObject({ code: 'daily-budget-used', culprit: 'publisher' })
      await settleBoth(rig)
      const sats = await signedSats(rig)
      expect(await publisher.facts('lease.paid')).toMatchObject([{ tick: 0, paidSats: sats }])
      expect(publisher.spending.today().spentSats).toBe(sats)
    }),
  )

  it(
    'is kept by a publisher that starts while its chain is away, with coins locked for a lease',
    limited(2_000_000n, {}, async (rig) => {
      const { publisher } = rig
      publisher.trap = (facts) => (facts.some(isFunding) ? 'after' : undefined)
      const { life } = publisher
      await publisher.rent()
      await life.fuse.blownAt
      publisher.trap = () => undefined
      publisher.chainAway = true
      await publisher.stop()
      await publisher.start()
      publisher.chainAway = false
      await publisher.fact('lease.paid', undefined, 3)
      await settleBoth(rig)
      expect(publisher.spending.today().spentSats).toBe(await signedSats(rig))
    }),
  )

  it(
    'locks no more coin than it lets a lease use',
    limited(90_000n, {}, async (rig) => {
      await rig.publisher.rent({ order: { capacitySats: 100_000n, mostSats: 1_000_000n } })
      await rig.publisher.fact('lease.paid', undefined, 2)
      const { leaseId } = (await leaseOf(rig.publisher)).context
      const asked = await rig.publisher.publisher.topUpLease(leaseId, { sats: 50_000n, reference: 'a' })
      expect(isRefusal(asked) && asked.refused).toBe('over-daily-budget')
      expect(await rig.mineUntil(rig.publisher.fact('lease.ended'))).toMatchObject({ code: 'daily-budget-used' })
      expect(await rig.publisher.facts('lease.top-up-wanted')).toEqual([])
      await settleBoth(rig)
    }),
  )
})

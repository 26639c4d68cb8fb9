import { describe, expect, it } from 'vitest'
import { isRefusal } from '../../domain/fact.ts'
import type { Change } from '../../domain/lease/change.ts'
import type { LeaseFact, Side } from '../../domain/lease/facts.ts'
import { owedUnder } from '../../domain/terms.ts'
import { openStreams } from '../../src/journal/streams.ts'
import { openLedger } from '../../src/lease/ledger.ts'
import { inRig, leaseOf, PRICE, type Rig } from './rig.ts'
import { settleBoth } from './top-up-rig.ts'

const TIMEOUT_MS = 90_000
const HALF: Change = { price: { ...PRICE, wallHour: PRICE.wallHour / 2n, cpuHour: PRICE.cpuHour / 2n } }
const DOUBLE: Change = { price: { ...PRICE, wallHour: PRICE.wallHour * 2n } }
type Changed = Extract<LeaseFact, { type: 'lease.changed' }>
type Paid = Extract<LeaseFact, { type: 'lease.paid' }> & Record<string, never>

/** One side wants other terms for the newest lease, as its node's API does. */
const want = async (rig: Rig, by: Side, change: Change): Promise<void> => {
  const { leaseId } = (await leaseOf(rig[by])).context
  const ledger = openLedger(rig[by].life.party.streams, leaseId)
  const done =
    by === 'publisher'
      ? await rig.publisher.publisher.changes.want(ledger, change)
      : await ledger.try([{ kind: 'want-change', at: Date.now(), by, change }])
  if (isRefusal(done)) throw new Error(`${done.refused}: ${done.why}`)
}

const bothChanged = (rig: Rig, times = 1) =>
  Promise.all([rig.publisher, rig.provider].map((side) => side.fact('lease.changed', undefined, times)))

/** Some more ticks are paid, then it ends: both logs say the same of everything, and both have signed. */
const expectWhole = async (rig: Rig): Promise<void> => {
  const { tick } = (await leaseOf(rig.publisher)).context
  await rig.publisher.fact<Paid>('lease.paid', (fact) => fact.tick > tick + 2)
  await settleBoth(rig)
  const [theirs, ours] = [(await leaseOf(rig.publisher)).context, (await leaseOf(rig.provider)).context]
  expect(theirs.terms).toEqual(ours.terms)
  expect(theirs.owedMsat).toBe(owedUnder(ours.terms!, ours.usage))
  expect(theirs.paidSats).toBe(ours.paidSats)
  expect(theirs.receipt).toEqual(ours.receipt)
  expect(theirs.receipt?.providerSignature).toBeDefined()
  expect(theirs.receipt?.publisherSignature).toBeDefined()
  for (const side of [rig.publisher, rig.provider])
    expect((await side.facts('lease.ended'))[0]).toMatchObject({ code: 'stopped-by-publisher' })
}

describe.concurrent('a change of the terms while a lease runs', { timeout: TIMEOUT_MS }, () => {
  it.each<readonly [string, Side, Change]>([
    ['a lower price, by the provider', 'provider', HALF],
    ['a longer notice, by the provider', 'provider', { noticeMs: 60_000 }],
    ['a higher price, by the publisher', 'publisher', DOUBLE],
    ['a longer duration, by the publisher', 'publisher', { maxDurationMs: 3_600_000 }],
  ])('is signed by both without a person: %s', async (_, by, change) =>
    inRig({}, async (rig) => {
      await rig.publisher.rent({ body: { maxDurationMs: 1_800_000 } })
      await rig.publisher.fact('lease.paid', undefined, 3)
      await want(rig, by, change)
      const [theirs, ours] = await bothChanged(rig)
      expect((theirs as unknown as Changed).terms).toEqual((ours as unknown as Changed).terms)
      expect((ours as unknown as Changed).terms).toMatchObject(change)
      expect(await rig.provider.facts('lease.starved')).toEqual([])
      await expectWhole(rig)
    })(),
  )

  it.each<readonly [string, Side, Change, string]>([
    ['a higher price', 'provider', DOUBLE, 'not-better'],
    ['a lower price', 'publisher', HALF, 'not-better'],
    ['longer data', 'publisher', { dataGraceMs: 60_000 }, 'not-better'],
    ['a shorter duration', 'provider', { maxDurationMs: 1_800_000 }, 'not-better'],
    ['a longer duration than the policy allows', 'publisher', { maxDurationMs: 3_600_001 }, 'policy-says-no'],
  ])('that is worse for the other side is refused, and the lease goes on: %s for the %s', async (_, by, change, code) =>
    inRig({}, async (rig) => {
      await rig.publisher.rent({ body: { maxDurationMs: 3_600_000 } })
      await rig.publisher.fact('lease.paid', undefined, 2)
      await want(rig, by, change)
      expect(await rig[by].fact('lease.change-refused')).toMatchObject({ code })
      await expectWhole(rig)
      expect(await rig.publisher.facts('lease.changed')).toEqual([])
    })(),
  )

  it(
    'follows another one, each from its own tick on',
    inRig({}, async (rig) => {
      await rig.publisher.rent()
      await rig.publisher.fact('lease.paid', undefined, 2)
      await want(rig, 'provider', HALF)
      await bothChanged(rig)
      await want(rig, 'publisher', DOUBLE)
      await bothChanged(rig, 2)
      const { terms } = (await leaseOf(rig.publisher)).context
      expect(terms?.revision?.number).toBe(2)
      expect(terms?.revision?.past?.map(({ price }) => price.wallHour)).toEqual([PRICE.wallHour, PRICE.wallHour / 2n])
      await expectWhole(rig)
    }),
  )

  it(
    'of the duration keeps a lease past its first end, and by itself when its request said so',
    inRig({}, async (rig) => {
      await rig.publisher.rent({ body: { maxDurationMs: 2_000 }, order: { renewUpToMs: 6_000 } })
      const ended = await rig.publisher.fact('lease.ended')
      expect(ended).toMatchObject({ code: 'duration-reached' })
      const { usage, terms } = (await leaseOf(rig.provider)).context
      expect(usage.wallUs).toBeGreaterThan(3_900_000n)
      expect(terms!.maxDurationMs).toBeGreaterThanOrEqual(4_000)
      expect(rig.provider.machines.calls.filter((call) => call.startsWith('create'))).toHaveLength(1)
      await settleBoth(rig)
    }),
  )

  it(
    'to a duration that its channel does not last for is refused',
    inRig({ providers: [{ policy: { maxDurationMs: 400 * 3_600_000 } }] }, async (rig) => {
      await rig.publisher.rent()
      await rig.publisher.fact('lease.paid', undefined, 2)
      const { leaseId } = (await leaseOf(rig.publisher)).context
      const ledger = openLedger(rig.publisher.life.party.streams, leaseId)
      const asked = await rig.publisher.publisher.changes.want(ledger, { maxDurationMs: 300 * 3_600_000 })
      expect(asked).toMatchObject({ refused: 'channel-expires' })
      expect(await rig.publisher.facts('lease.change-wanted')).toEqual([])
      await expectWhole(rig)
    }),
  )

  it(
    'to a duration that its channel does not last for is refused by the provider, too, by the time that is left of it',
    inRig({ providers: [{ policy: { maxDurationMs: 400 * 3_600_000 } }] }, async (rig) => {
      await rig.publisher.rent()
      await rig.publisher.fact('lease.paid', undefined, 2)
      const { leaseId } = (await leaseOf(rig.publisher)).context
      // Two and a half times as long: so much more would fit when it is asked for at the end of the first time, and not now.
      const change = { maxDurationMs: 9_000_000 }
      const want = { kind: 'want-change', at: Date.now(), by: 'publisher', change } as const
      await openLedger(rig.publisher.life.party.streams, leaseId).record([want])
      expect(await rig.publisher.fact('lease.change-refused')).toMatchObject({ code: 'channel-expires' })
      await expectWhole(rig)
    }),
  )

  it(
    'that would last past the hours of the provider is refused, and one within them is not',
    inRig({ providers: [{ open: () => ({ leftMs: 2_500_000, until: 'in the hours 18:00-08:00' }) }] }, async (rig) => {
      await rig.publisher.rent({ body: { maxDurationMs: 1_800_000 } })
      await rig.publisher.fact('lease.paid', undefined, 2)
      await want(rig, 'publisher', { maxDurationMs: 3_000_000 })
      expect(await rig.publisher.fact('lease.change-refused')).toMatchObject({ code: 'outside-hours' })
      await want(rig, 'publisher', { maxDurationMs: 2_400_000 })
      await bothChanged(rig)
      await expectWhole(rig)
    }),
  )

  it(
    'is made after another that was agreed first',
    inRig({}, async (rig) => {
      await rig.publisher.rent({ body: { maxDurationMs: 1_800_000 } })
      await rig.publisher.fact('lease.paid', undefined, 2)
      // The publisher's wish is in its log and did not come to the provider yet.
      const { leaseId } = (await leaseOf(rig.publisher)).context
      const change = { maxDurationMs: 3_600_000 }
      const wish = { kind: 'want-change', at: Date.now(), by: 'publisher', change } as const
      await openLedger(rig.publisher.life.party.streams, leaseId).record([wish])
      await want(rig, 'provider', HALF)
      await bothChanged(rig, 2)
      expect((await leaseOf(rig.provider)).context.terms).toMatchObject({ ...HALF, ...change })
      await expectWhole(rig)
    }),
  )

  it(
    'that the publisher signed before it ended the lease is in both logs, though the provider hears of it only then',
    inRig({}, async (rig) => {
      await rig.publisher.rent()
      await rig.publisher.fact('lease.paid', undefined, 2)
      rig.publisher.trap = (facts) => (facts.some(({ type }) => type === 'lease.changed') ? 'after' : undefined)
      const { life } = rig.publisher
      void want(rig, 'provider', HALF).catch(() => {})
      await life.fuse.blownAt
      rig.publisher.trap = () => undefined
      await rig.publisher.stop()
      const { leaseId } = (await leaseOf(rig.publisher)).context
      const end = { kind: 'end', at: Date.now(), code: 'stopped-by-publisher', why: 'asked to' } as const
      await openLedger(openStreams(rig.publisher.journal), leaseId).record([end])
      await rig.publisher.start()
      await bothChanged(rig)
      await settleBoth(rig)
      const [theirs, ours] = [(await leaseOf(rig.publisher)).context, (await leaseOf(rig.provider)).context]
      expect(theirs.terms).toEqual(ours.terms)
      expect(theirs.receipt?.providerSignature).toBeDefined()
      expect(theirs.receipt).toEqual(ours.receipt)
    }),
  )
})

type Point = readonly [type: string, when: 'before' | 'after']
const PUBLISHER: readonly Point[] = [
  ['lease.change-wanted', 'after'],
  ['lease.changed', 'before'],
  ['lease.changed', 'after'],
]
const PROVIDER: readonly Point[] = [
  ['lease.change-offered', 'before'],
  ['lease.change-offered', 'after'],
  ['lease.changed', 'before'],
  ['lease.changed', 'after'],
]

/** A price that falls is where a side that forgot would pay too little, or ask for too much. */
const survives = (side: Side, [type, when]: Point) =>
  inRig({}, async (rig) => {
    await rig.publisher.rent()
    await rig.publisher.fact('lease.paid', undefined, 2)
    const who = rig[side]
    who.trap = (facts) => (facts.some((fact) => fact.type === type) ? when : undefined)
    const { life } = who
    const by = type === 'lease.change-wanted' ? 'publisher' : 'provider'
    void want(rig, by, by === 'publisher' ? DOUBLE : HALF).catch(() => {})
    await life.fuse.blownAt
    who.trap = () => undefined
    await who.stop()
    await who.start()
    await bothChanged(rig)
    await expectWhole(rig)
    expect(await rig.publisher.facts('lease.changed')).toHaveLength(1)
  })

describe.concurrent('a change survives the death of the publisher', { timeout: TIMEOUT_MS }, () => {
  it.each(PUBLISHER)('with %s (%s)', (...point) => survives('publisher', point)())
})
describe.concurrent('a change survives the death of the provider', { timeout: TIMEOUT_MS }, () => {
  it.each(PROVIDER)('with %s (%s)', (...point) => survives('provider', point)())
})

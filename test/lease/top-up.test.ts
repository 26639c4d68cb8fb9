import { describe, expect, it } from 'vitest'
import { isRefusal } from '../../domain/fact.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { capacityOf } from '../../domain/lease/legs.ts'
import type { WalletFact } from '../../domain/wallet/facts.ts'
import { channelOf, inRig, leaseOf, type Rig } from './rig.ts'
import { mineChannel, settleBoth, topUp } from './top-up-rig.ts'

const TIMEOUT_MS = 90_000
const FIRST = 60_000n
const MORE = 60_000n
/** Some seconds: it is used before a block comes, unless somebody makes one. */
const SHORT = 50_000n
type Starved = Extract<LeaseFact, { type: 'lease.starved' }>
type Paid = Extract<LeaseFact, { type: 'lease.paid' }>

const pays = (sats: bigint) => (fact: unknown) => (fact as Paid).paidSats >= sats

describe.concurrent('a lease that is topped up', { timeout: TIMEOUT_MS }, () => {
  it(
    'goes on over a second channel without a gap, and both are closed as one',
    inRig({}, async (rig) => {
      const { publisher, provider, node } = rig
      await publisher.rent({ order: { capacitySats: FIRST } })
      await publisher.fact('lease.paid', undefined, 2)
      const leaseId = await topUp(rig, MORE)
      await mineChannel(rig, leaseId, 1)
      await provider.fact('lease.paid', pays(FIRST + 10_000n))
      expect(await provider.facts('lease.starved')).toEqual([])
      const { paidSats, txid } = await settleBoth(rig)
      const close = (await node.transaction(txid))!.tx
      expect(close.inputs).toHaveLength(2)
      expect(close.outputs[0]!.value).toBe(FIRST + MORE - paidSats)
      const { context } = await leaseOf(provider)
      expect(context.receipt?.receipt.topUps).toEqual([`${context.topUps[0]!.txid}:${context.topUps[0]!.vout}`])
      expect((await leaseOf(publisher)).context.receipt).toEqual(context.receipt)
      expect((await channelOf(publisher, leaseId)).context.paid).toBe(FIRST)
      expect((await channelOf(publisher, `${leaseId}.1`)).context.paid).toBe(paidSats - FIRST)
    }),
  )

  it(
    'is not served on a top-up that is in no block, and goes on when it is',
    inRig({}, async (rig) => {
      const { publisher, provider } = rig
      await publisher.rent({ order: { capacitySats: SHORT } })
      await publisher.fact('lease.paid', undefined, 1)
      const leaseId = await topUp(rig, MORE)
      const held = await provider.fact<Starved & Record<string, never>>('lease.starved')
      expect(held.why).toBe('unconfirmed')
      expect((await leaseOf(provider)).context.paidSats).toBeLessThanOrEqual(SHORT)
      await mineChannel(rig, leaseId, 1)
      await provider.fact('lease.paid', pays(SHORT + 5_000n))
      await settleBoth(rig)
      expect((await provider.facts('lease.ended'))[0]).toMatchObject({ code: 'stopped-by-publisher' })
    }),
  )

  it(
    'stands still while a reorganisation has the top-up out of the chain that it is paid from',
    inRig({}, async (rig) => {
      const { publisher, provider, node } = rig
      await publisher.rent({ order: { capacitySats: SHORT } })
      await publisher.fact('lease.paid', undefined, 1)
      const leaseId = await topUp(rig, 400_000n)
      await mineChannel(rig, leaseId, 1)
      await provider.fact('lease.paid', pays(SHORT + 5_000n))
      const { height } = (await channelOf(provider, `${leaseId}.1`)).context
      await node.invalidateBlock((await node.blockAt(height!))!.hash)
      expect(await provider.fact<Starved & Record<string, never>>('lease.starved')).toMatchObject({
        why: 'unconfirmed',
      })
      const { paidSats } = (await leaseOf(provider)).context
      await rig.mineUntil(provider.fact('lease.paid', pays(paidSats + 20_000n)))
      await settleBoth(rig)
    }),
  )

  it(
    'and ends before it needs it gives all of it back in the close',
    inRig({}, async (rig) => {
      const { publisher, provider, node } = rig
      await publisher.rent()
      await publisher.fact('lease.paid', undefined, 2)
      const leaseId = await topUp(rig, MORE)
      const { paidSats, txid } = await settleBoth(rig)
      const { context } = await leaseOf(publisher)
      const close = (await node.transaction(txid))!.tx
      expect(close.inputs).toHaveLength(2)
      expect(close.outputs[0]!.value).toBe(capacityOf(context) - paidSats)
      for (const side of [publisher, provider]) expect((await channelOf(side, `${leaseId}.1`)).value).toBe('closed')
    }),
  )

  it(
    'by itself, when its request said so, and never above the hard budget',
    inRig({}, async (rig) => {
      const { publisher, provider } = rig
      await publisher.rent({ order: { capacitySats: FIRST, mostSats: 130_000n } })
      const end = rig.mineUntil(provider.fact('lease.ended'))
      expect(await end).toMatchObject({ code: 'capacity-used' })
      await settleBoth(rig)
      const { context } = await leaseOf(publisher)
      expect(context.topUps.map(({ capacitySats }) => capacitySats)).toEqual([FIRST, 10_000n])
      expect(capacityOf(context)).toBe(130_000n)
      expect(context.paidSats).toBeLessThanOrEqual(130_000n)
      expect(context.paidSats).toBeGreaterThan(2n * FIRST - 20_000n)
    }),
  )

  it(
    'is not, when the wallet has not so much: the lease goes on as it was',
    inRig({}, async (rig) => {
      const { publisher } = rig
      await publisher.rent()
      await publisher.fact('lease.paid', undefined, 2)
      const { leaseId } = (await leaseOf(publisher)).context
      const asked = await publisher.publisher.topUpLease(leaseId, { sats: 10_000_000_000_000n, reference: 'a' })
      expect(isRefusal(asked)).toBe(false)
      expect(await publisher.fact('lease.top-up-refused')).toMatchObject({ code: 'insufficient-funds' })
      await publisher.fact('lease.paid', undefined, 6)
      await settleBoth(rig)
    }),
  )
})

/** The publisher's log and money, and the provider's, agree on everything. */
const expectWhole = async (rig: Rig): Promise<void> => {
  const { publisher, provider, node } = rig
  const { paidSats, txid } = await settleBoth(rig)
  const [theirs, ours] = [(await leaseOf(publisher)).context, (await leaseOf(provider)).context]
  expect(theirs.paidSats).toBe(ours.paidSats)
  expect(theirs.topUps).toEqual(ours.topUps)
  expect(theirs.topUps).toHaveLength(1)
  const sent = (await publisher.facts('wallet.sent')) as unknown as Extract<WalletFact, { type: 'wallet.sent' }>[]
  expect(sent.filter(({ purpose }) => purpose === 'funding')).toHaveLength(2)
  const close = (await node.transaction(txid))!.tx
  expect(close.inputs).toHaveLength(2)
  expect(close.outputs[0]!.value).toBe(capacityOf(theirs) - paidSats)
}

type Point = readonly [what: string, type: string, when: 'before' | 'after']
const PUBLISHER: readonly Point[] = [
  ['has written down what is wanted', 'lease.top-up-wanted', 'after'],
  ['has written down the channel', 'channel.proposed', 'after'],
  ['is about to pay', 'wallet.sent', 'before'],
  ['has paid', 'wallet.sent', 'after'],
  ['is about to write down that it has paid', 'lease.topped-up', 'before'],
  ['has written down that it has paid', 'lease.topped-up', 'after'],
  ['sees it in a block', 'channel.opened', 'after'],
  ['pays over it for the first time', 'channel.paid', 'after'],
]
const PROVIDER: readonly Point[] = [
  ['has written down the channel', 'channel.proposed', 'after'],
  ['is about to take it in', 'lease.topped-up', 'before'],
  ['has taken it in', 'lease.topped-up', 'after'],
  ['sees it in a block', 'channel.opened', 'after'],
  ['is paid over it for the first time', 'channel.paid', 'after'],
  ['has the close of both', 'channel.closing', 'after'],
]

const survives = (side: 'publisher' | 'provider', [, type, when]: Point) =>
  inRig({}, async (rig) => {
    const { publisher, provider } = rig
    const who = rig[side]
    await publisher.rent({ order: { capacitySats: 100_000n } })
    await rig.mineUntil(Promise.all([publisher, provider].map((one) => one.fact('channel.opened'))))
    const { leaseId } = (await leaseOf(publisher)).context
    // From here on such a fact is of the second channel, and one over both channels comes in a unit with that of the first.
    who.trap = (facts) => {
      const found = facts.filter((fact) => fact.type === type).length
      return found > (type === 'channel.paid' ? 1 : 0) ? when : undefined
    }
    const { life } = who
    void publisher.publisher.topUpLease(leaseId, { sats: 300_000n, reference: 'a' }).catch(() => {})
    const revived = life.fuse.blownAt.then(async () => {
      who.trap = () => undefined
      await who.stop()
      await who.start()
    })
    const endsEarly = type === 'channel.closing'
    await rig.mineUntil(
      provider.fact(endsEarly ? 'lease.topped-up' : 'lease.paid', endsEarly ? undefined : pays(110_000n)),
    )
    if (endsEarly) await publisher.publisher.stopLease(leaseId)
    await rig.mineUntil(revived)
    await expectWhole(rig)
  })

describe.concurrent('a top-up survives the death of the publisher', { timeout: TIMEOUT_MS }, () => {
  it.each(PUBLISHER)('that %s', (...point) => survives('publisher', point)())
})
describe.concurrent('a top-up survives the death of the provider', { timeout: TIMEOUT_MS }, () => {
  it.each(PROVIDER)('that %s', (...point) => survives('provider', point)())
})

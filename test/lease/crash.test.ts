import { describe, expect, it } from 'vitest'
import type { Fact } from '../../domain/fact.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { type LeaseState, lease, stageOf } from '../../domain/lease/lease.ts'
import type { WalletFact } from '../../domain/wallet/facts.ts'
import type { Participant } from './participant.ts'
import { inRig, PRICE, type Rig } from './rig.ts'

/** Below the ask and above the floor, so that a counter-offer is among the facts. */
const CEILING = 30_000_000_000n
/** Ticks after which the publisher asks for the end. */
const TICKS = 4
const LOOK_MS = 50
/** Below the tests' own limit, so that a failed one shows what both sides' logs say. */
const SETTLED_LIMIT_MS = 50_000

const leasesOf = async (who: Participant): Promise<Map<string, LeaseState>> => {
  const states = new Map<string, LeaseState>()
  for (const { stream, fact } of await who.journal.readAll(0, { streamPrefix: 'lease-' }, 10_000)) {
    states.set(stream, lease.evolve(states.get(stream) ?? lease.initial, fact as LeaseFact))
  }
  return states
}
const settledIn = (leases: Map<string, LeaseState>) =>
  [...leases.values()].find((state) => stageOf(state) === 'settled')
const sentIn = async (who: Participant) =>
  (await who.facts('wallet.sent')) as unknown as Extract<WalletFact, { type: 'wallet.sent' }>[]

/** Both know that the funding is in a block: on a slow machine the ticks are quicker than the first block. */
const isOpen = async (rig: Rig): Promise<boolean> => {
  const opened = await Promise.all([rig.publisher, rig.provider].map((who) => who.facts('channel.opened')))
  return opened.every((facts) => facts.length > 0)
}

/** Asks for the end once some ticks were paid, again and again as a person would; resolves when both sides settled and are clean. */
const drive = async (rig: Rig): Promise<void> => {
  const { publisher, provider } = rig
  const last = performance.now() + SETTLED_LIMIT_MS
  for (;;) {
    if (performance.now() > last) throw new Error('not settled by both')
    const [ours, theirs] = [await leasesOf(provider), await leasesOf(publisher)]
    const done = settledIn(ours)
    if (done?.context.released && settledIn(theirs) && provider.machines.calls.at(-1)?.startsWith('remove')) return
    const mayEnd = await isOpen(rig)
    for (const state of theirs.values()) {
      const { leaseId, paidTick, notice } = state.context
      if (mayEnd && stageOf(state) === 'meter' && paidTick >= TICKS && !notice)
        void publisher.publisher.stopLease(leaseId).catch(() => {})
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

type Point = {
  readonly fact: string
  readonly when?: 'before' | 'after'
  readonly nth?: number
  readonly purpose?: string
}

const trapFor = ({ fact, when = 'after', nth = 1, purpose }: Point) => {
  let seen = 0
  return (facts: readonly Fact[]) => {
    const isHere = facts.some(
      (each) => each.type === fact && (purpose === undefined || (each as { purpose?: string }).purpose === purpose),
    )
    return isHere && ++seen === nth ? when : undefined
  }
}

const survives = (side: 'publisher' | 'provider', point: Point) =>
  inRig({}, async (rig) => {
    const { publisher, provider, node } = rig
    const who = side === 'publisher' ? publisher : provider
    who.trap = trapFor(point)
    const { life } = who
    const rent = () => publisher.rent({ body: { maxHourlyMsat: CEILING }, reference: 'the same request' })
    void rent()
    const driven = drive(rig)
    let going = true
    driven
      .catch(() => {})
      .finally(() => {
        going = false
      })
    const revived = life.fuse.blownAt.then(async () => {
      who.trap = () => undefined
      await who.stop()
      await who.start()
      // Its answer never came, so it is asked again.
      if (who === publisher) await rent()
    })
    while (going) {
      await rig.mine()
      await Promise.race([driven.catch(() => {}), new Promise((resolve) => setTimeout(resolve, 250))])
    }
    await driven
    await Promise.race([
      revived,
      new Promise((_, reject) => setTimeout(() => reject(new Error('never crashed')), 20_000)),
    ])

    const [ours, theirs] = [await leasesOf(provider), await leasesOf(publisher)]
    const [mine, yours] = [settledIn(ours)!.context, settledIn(theirs)!.context]
    expect(yours.leaseId).toBe(mine.leaseId)
    expect(yours.terms).toEqual(mine.terms)
    const settled = (await provider.facts('lease.settled'))[0]!
    expect((await publisher.facts('lease.settled'))[0]).toMatchObject({
      paidSats: settled.paidSats,
      txid: settled.txid,
    })
    expect([mine.end!.code, yours.end!.code]).toEqual(['stopped-by-publisher', 'stopped-by-publisher'])
    // Any other try came to nothing, and cost nothing.
    for (const leases of [ours, theirs])
      for (const state of leases.values())
        if (stageOf(state) !== 'settled') expect(state.context.funding).toBeUndefined()
    expect((await sentIn(publisher)).filter(({ purpose }) => purpose === 'funding')).toHaveLength(1)
    expect(await provider.machines.list()).toEqual([])
    const close = (await node.transaction(settled.txid))!.tx
    const capacity = mine.terms!.channel.capacitySats
    const fee = capacity - close.outputs.reduce((sum, output) => sum + output.value, 0n)
    expect(close.outputs[0]!.value).toBe(capacity - settled.paidSats)
    expect(close.outputs[1]!.value).toBe(settled.paidSats - fee)
    expect(mine.terms!.price).not.toEqual(PRICE)
  })

const BOTH: readonly Point[] = [
  { fact: 'announcement.seen' },
  { fact: 'lease.sought' },
  { fact: 'lease.offered' },
  { fact: 'lease.countered' },
  { fact: 'lease.agreed' },
  { fact: 'lease.provisioned' },
  { fact: 'lease.funded' },
  { fact: 'channel.opened' },
  { fact: 'lease.metered' },
  { fact: 'lease.paid', nth: 3 },
  { fact: 'lease.noticed' },
  { fact: 'lease.ended', when: 'before' },
  { fact: 'lease.ended' },
  { fact: 'lease.receipted' },
  { fact: 'lease.settled' },
]

describe.concurrent.each(['publisher', 'provider'] as const)('the %s’s process dies', (side) => {
  it.each(BOTH)('with $fact ($when, $nth)', { timeout: 60_000 }, (point) => survives(side, point)())
})

describe.concurrent('the publisher’s process dies', () => {
  it.each<Point>([
    { fact: 'announcement.posted' },
    { fact: 'wallet.sent', purpose: 'funding' },
    { fact: 'wallet.sent', purpose: 'withdrawal' },
  ])('with $fact $purpose', { timeout: 60_000 }, (point) => survives('publisher', point)())
})

describe.concurrent('the provider’s process dies', () => {
  it.each<Point>([
    { fact: 'announcement.described' },
    { fact: 'lease.connected' },
    { fact: 'lease.challenged' },
    { fact: 'lease.funded', when: 'before' },
    { fact: 'channel.closing', when: 'before' },
    { fact: 'channel.closing' },
    { fact: 'lease.released' },
  ])('with $fact ($when)', { timeout: 60_000 }, (point) => survives('provider', point)())
})

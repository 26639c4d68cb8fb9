import { describe, expect, it } from 'vitest'
import { isRefusal } from '../../domain/fact.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import type { PauseCode } from '../../domain/lease/pauses.ts'
import { owedMsat } from '../../domain/price.ts'
import { usedNothing } from '../../domain/usage.ts'
import { eventually } from './eventually.ts'
import { inRig, leaseOf, PRICE, type Rig, type RigOptions } from './rig.ts'
import { settleBoth } from './top-up-rig.ts'

const TIMEOUT_MS = 60_000
type Metered = Extract<LeaseFact, { type: 'lease.metered' }> & Record<string, never>
type Code = Extract<LeaseFact, { type: 'lease.paused' }> & Record<string, never>

/** A disk that costs something, and ticks of a pause every two seconds. */
const STORING: RigOptions = {
  providers: [{ ask: { ...PRICE, diskGiBHour: 36_000_000_000n }, terms: { reconnectMs: 8_000 } }],
}
const isCode = (code: PauseCode) => (fact: Code) => fact.code === code

const begun = async ({ publisher }: Rig, maxPauseMs = 600_000): Promise<string> => {
  await publisher.rent({ order: { maxPauseMs } })
  await publisher.fact('lease.paid', undefined, 3)
  return (await leaseOf(publisher)).context.leaseId
}

const want = async ({ publisher }: Rig, leaseId: string, paused: boolean): Promise<void> => {
  const done = await publisher.publisher.pauseLease(leaseId, paused)
  if (isRefusal(done)) throw new Error(`${done.refused}: ${done.why}`)
}

/** The owner of the provider's machine wants it back, or not any more. */
const owner = ({ provider }: Rig, busy: boolean): void => {
  for (const [, lease] of provider.seeker.running) lease.pause('owner-busy', busy)
}

/** Both logs say that it is paused for these reasons, and its machine stands still. */
const stands = async ({ publisher, provider }: Rig, leaseId: string, ...codes: PauseCode[]): Promise<void> => {
  for (const side of [publisher, provider])
    await eventually(`${side.name} sees ${codes.join(', ') || 'it go on'}`, async () => {
      const { context } = await leaseOf(side)
      return context.pauses.map(({ code }) => code).join() === codes.join()
    })
  const status = codes.length > 0 ? 'frozen' : 'running'
  await eventually(`the machine is ${status}`, () => provider.machines.stateOf(leaseId) === status)
}

/** Nobody lost a sat, and the receipt says what a pure function says. */
const settlesWhole = async (rig: Rig): Promise<void> => {
  const settled = await settleBoth(rig)
  const [theirs, ours] = [(await leaseOf(rig.publisher)).context, (await leaseOf(rig.provider)).context]
  expect(theirs.receipt).toEqual(ours.receipt)
  const { receipt } = ours.receipt!
  expect(receipt.usage.paused?.wallUs).toBeGreaterThan(0n)
  expect(receipt.owedMsat).toBe(owedMsat(ours.terms!.price, receipt.usage))
  expect(settled.paidSats).toBe(receipt.paidSats)
}

describe.concurrent('a lease that is paused', { timeout: TIMEOUT_MS }, () => {
  it(
    'by its publisher stands still, pays for its disk alone, and goes on',
    inRig(STORING, async (rig) => {
      const { publisher, provider } = rig
      const leaseId = await begun(rig)
      await want(rig, leaseId, true)
      await stands(rig, leaseId, 'asked-by-publisher')
      const before = (await leaseOf(publisher)).context
      const tick = await publisher.fact<Metered>('lease.metered', (fact: Metered) => fact.tick > before.tick)
      expect(usedNothing(before.usage, tick.usage)).toBe(true)
      expect(tick.usage.paused!.diskByteSeconds).toBeGreaterThan(0n)
      expect(tick.owedMsat).toBeGreaterThan(before.owedMsat)
      await eventually('the tick is paid', async () => (await leaseOf(provider)).context.paidTick >= tick.tick)
      expect(provider.machines.stateOf(leaseId)).toBe('frozen')
      await want(rig, leaseId, false)
      await stands(rig, leaseId)
      await publisher.fact<Metered>('lease.metered', (fact: Metered) => fact.usage.cpuUs > tick.usage.cpuUs)
      await settlesWhole(rig)
    }),
  )

  it(
    'by both goes on when neither wants it any more',
    inRig(STORING, async (rig) => {
      const leaseId = await begun(rig)
      owner(rig, true)
      await stands(rig, leaseId, 'owner-busy')
      await want(rig, leaseId, true)
      await stands(rig, leaseId, 'owner-busy', 'asked-by-publisher')
      owner(rig, false)
      await stands(rig, leaseId, 'asked-by-publisher')
      await want(rig, leaseId, false)
      await stands(rig, leaseId)
      await settlesWhole(rig)
    }),
  )

  it.for([
    ['paused-too-long', 'publisher', 'asked-by-publisher'],
    ['provider-paused-too-long', 'provider', 'owner-busy'],
  ] as const)('for longer than agreed ends: %s', async ([code, culprit, pause]) =>
    inRig(STORING, async (rig) => {
      const { publisher } = rig
      const leaseId = await begun(rig, 1_000)
      if (pause === 'owner-busy') owner(rig, true)
      else await want(rig, leaseId, true)
      expect(await publisher.fact('lease.ended')).toMatchObject({ code, culprit })
      await settlesWhole(rig)
    })(),
  )

  it(
    'cannot be where the terms have no pause',
    inRig(STORING, async (rig) => {
      const { publisher, provider } = rig
      await publisher.rent()
      await publisher.fact('lease.paid', undefined, 3)
      const { leaseId } = (await leaseOf(publisher)).context
      expect(await publisher.publisher.pauseLease(leaseId, true)).toMatchObject({ refused: 'pause-not-agreed' })
      owner(rig, true)
      const { tick } = (await leaseOf(publisher)).context
      await publisher.fact<Metered>('lease.metered', (fact: Metered) => fact.tick > tick + 3)
      expect(await provider.facts('lease.paused')).toEqual([])
    }),
  )
})

type Point = readonly [what: string, side: 'publisher' | 'provider', type: string, when: 'before' | 'after']
const POINTS: readonly Point[] = [
  ['publisher that has written down that it wants a pause', 'publisher', 'lease.pause-wanted', 'after'],
  ['publisher that is about to write down the pause', 'publisher', 'lease.paused', 'before'],
  ['publisher that has written it down', 'publisher', 'lease.paused', 'after'],
  ['provider that is about to write down the pause', 'provider', 'lease.paused', 'before'],
  ['provider that has written it down', 'provider', 'lease.paused', 'after'],
  ['publisher that is about to write down that it goes on', 'publisher', 'lease.resumed', 'before'],
  ['provider that is about to write down that it goes on', 'provider', 'lease.resumed', 'before'],
  ['provider that has written it down', 'provider', 'lease.resumed', 'after'],
]

describe.concurrent('a pause survives the death of the', { timeout: TIMEOUT_MS }, () => {
  it.for(POINTS)('%s', async ([, side, type, when]) =>
    inRig(STORING, async (rig) => {
      const who = rig[side]
      const { life } = who
      const leaseId = await begun(rig)
      who.trap = (facts) => (facts.some((fact) => fact.type === type) ? when : undefined)
      const revived = life.fuse.blownAt.then(async () => {
        who.trap = () => undefined
        await who.stop()
        await who.start()
      })
      void rig.publisher.publisher.pauseLease(leaseId, true).catch(() => {})
      if (type !== 'lease.resumed') await revived
      await stands(rig, leaseId, 'asked-by-publisher')
      await want(rig, leaseId, false)
      await revived
      await stands(rig, leaseId)
      await settlesWhole(rig)
    })(),
  )

  it(
    'provider that was told to pause a moment before, by its owner’s own word',
    inRig(STORING, async (rig) => {
      const { provider } = rig
      const leaseId = await begun(rig)
      expect(isRefusal(await provider.seeker.pauseLease(leaseId, true))).toBe(false)
      provider.life.fuse.blow()
      await provider.stop()
      await provider.start()
      await stands(rig, leaseId, 'asked-by-provider')
      expect(isRefusal(await provider.seeker.pauseLease(leaseId, false))).toBe(false)
      provider.life.fuse.blow()
      await provider.stop()
      await provider.start()
      await stands(rig, leaseId)
      await settlesWhole(rig)
    }),
  )

  it.for(['publisher', 'provider'] as const)('%s in the midst of it, and stays one', async (side) =>
    inRig(STORING, async (rig) => {
      const { provider } = rig
      const leaseId = await begun(rig)
      await want(rig, leaseId, true)
      owner(rig, true)
      await provider.fact<Code>('lease.paused', isCode('owner-busy'))
      await eventually('both know', async () => (await leaseOf(rig.publisher)).context.pauses.length === 2)
      rig[side].life.fuse.blow()
      await rig[side].stop()
      await rig[side].start()
      const { tick } = (await leaseOf(rig.publisher)).context
      await rig.publisher.fact<Metered>('lease.metered', (fact: Metered) => fact.tick > tick)
      expect((await leaseOf(rig.publisher)).context.pauses).toHaveLength(2)
      expect(provider.machines.stateOf(leaseId)).toBe('frozen')
      await settlesWhole(rig)
    })(),
  )
})

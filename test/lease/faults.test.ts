import { describe, expect, it } from 'vitest'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { eventually } from './eventually.ts'
import { inRig, leaseOf, type Rig } from './rig.ts'

type Ended = Extract<LeaseFact, { type: 'lease.ended' }>
type Starved = Extract<LeaseFact, { type: 'lease.starved' }>
type Paid = Extract<LeaseFact, { type: 'lease.paid' }>
type Over = Extract<LeaseFact, { type: 'lease.refused' | 'lease.failed' | 'lease.lapsed' }>

const bothSettled = async ({ publisher, provider, mineUntil }: Rig): Promise<void> => {
  await mineUntil(Promise.all([publisher.fact('lease.settled'), provider.fact('lease.settled')]))
  const [ours, theirs] = [await provider.facts('lease.settled'), await publisher.facts('lease.settled')]
  expect(theirs[0]!.paidSats).toBe(ours[0]!.paidSats)
}

describe.concurrent('a machine that fails', { timeout: 60_000 }, () => {
  it.for<readonly [string, string, string]>([
    ['machine.no-image', 'machine-no-image', 'provider'],
    ['machine.exited-at-once', 'machine-exited-at-once', 'publisher'],
    ['machine.unavailable', 'machine-failed', 'host'],
  ])('cannot be made, with %s: both sides know why, and no coin moved', async ([fault, code, culprit]) =>
    inRig({}, async (rig) => {
      rig.provider.machines.failCreate = fault
      await rig.publisher.rent()
      expect(await rig.provider.fact<Over>('lease.failed')).toMatchObject({ code, culprit })
      expect(await rig.publisher.fact<Over>('lease.refused')).toMatchObject({ code, culprit })
      expect(await rig.publisher.facts('lease.funded')).toEqual([])
    })(),
  )

  it.for<readonly [string, (rig: Rig) => void, string, string]>([
    ['exits', ({ provider }) => provider.machines.exit(3), 'machine-exited', 'publisher'],
    ['runs out of memory', ({ provider }) => provider.machines.exit(137, true), 'machine-out-of-memory', 'publisher'],
    ['is killed', ({ provider }) => provider.machines.exit(137), 'machine-gone', 'host'],
    ['vanishes', ({ provider }) => provider.machines.vanish(), 'machine-gone', 'host'],
    ['cannot be asked', ({ provider }) => (provider.machines.down = 'machine.unavailable'), 'host-fault', 'host'],
  ])('%s while it is paid', async ([, happen, code, culprit]) =>
    inRig({}, async (rig) => {
      await rig.publisher.rent()
      await rig.publisher.fact('lease.paid', undefined, 4)
      happen(rig)
      expect(await rig.provider.fact<Ended>('lease.ended')).toMatchObject({ code, culprit })
      expect(await rig.publisher.fact<Ended>('lease.ended')).toMatchObject({ code, culprit })
      await bothSettled(rig)
      rig.provider.machines.down = undefined
      await rig.provider.fact('lease.released')
      expect(await rig.provider.machines.list()).toEqual([])
    })(),
  )
})

describe.concurrent('money that is missing', { timeout: 60_000 }, () => {
  it(
    'is noticed between agreement and funding, on both sides',
    inRig({}, async (rig) => {
      await rig.publisher.rent({ order: { capacitySats: 5_100_000_000n } })
      expect(await rig.publisher.fact<Over>('lease.failed')).toMatchObject({
        code: 'insufficient-funds',
        culprit: 'publisher',
      })
      expect(await rig.provider.fact<Over>('lease.refused')).toMatchObject({
        code: 'insufficient-funds',
        culprit: 'publisher',
      })
      await eventually('no machine', async () => (await rig.provider.machines.list()).length === 0)
    }),
  )
})

describe.concurrent('a network that fails', { timeout: 60_000 }, () => {
  it(
    'freezes the machine, and goes on without billing twice',
    inRig({}, async (rig) => {
      const { publisher, provider, wires } = rig
      await publisher.rent()
      await publisher.fact('lease.paid', undefined, 4)
      wires.down = true
      wires.cut()
      await provider.fact('lease.starved', (fact: Starved) => fact.why === 'peer-unreachable')
      const { leaseId, tick } = (await leaseOf(provider)).context
      expect(provider.machines.stateOf(leaseId)).toBe('frozen')
      const cutAt = Date.now()
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      const outMs = Date.now() - cutAt
      wires.down = false
      await publisher.fact('lease.paid', (fact: Paid) => fact.tick > tick + 3)
      await publisher.publisher.stopLease(leaseId)
      await bothSettled(rig)
      const { context } = await leaseOf(provider)
      const elapsedMs = context.end!.at - context.servingSince!
      expect(Number(context.usage.wallUs / 1000n)).toBeLessThanOrEqual(elapsedMs - outMs + 100)
      expect(context.receipt?.publisherSignature).toBeDefined()
    }),
  )

  it(
    'for too long: each side ends it alone, and the provider has what was paid',
    inRig({ providers: [{ terms: { reconnectMs: 1_500, graceTicks: 5 } }] }, async (rig) => {
      const { publisher, provider, wires } = rig
      await publisher.rent()
      await publisher.fact('lease.paid', undefined, 4)
      wires.down = true
      wires.cut()
      expect(await provider.fact<Ended>('lease.ended')).toMatchObject({
        code: 'publisher-silent',
        culprit: 'peer-unreachable',
      })
      expect(await publisher.fact<Ended>('lease.ended')).toMatchObject({
        code: 'provider-silent',
        culprit: 'peer-unreachable',
      })
      await bothSettled(rig)
      expect(await provider.machines.list()).toEqual([])
    }),
  )
})

import { describe, expect, it } from 'vitest'
import type { Fact } from '../../domain/fact.ts'
import type { Side } from '../../domain/lease/facts.ts'
import { openLedger } from '../../src/lease/ledger.ts'
import { noticeCommand, type When } from '../../src/lease/notice.ts'
import { eventually } from './eventually.ts'
import { inRig, leaseOf, type Rig } from './rig.ts'
import { settleBoth } from './top-up-rig.ts'

const TIMEOUT_MS = 90_000
/** Long enough for a busy machine to see that the lease goes on meanwhile. */
const SOON_MS = 2_500
const LATER_MS = 3_600_000

/** One side announces the end of the newest lease, as its node's API does. */
const announce = async (rig: Rig, by: Side, when: When): Promise<void> => {
  const { leaseId } = (await leaseOf(rig[by])).context
  if (by === 'publisher') await rig.publisher.publisher.stopLease(leaseId, when)
  else await openLedger(rig.provider.life.party.streams, leaseId).record([noticeCommand(Date.now(), by, when)])
}
const other = (by: Side): Side => (by === 'publisher' ? 'provider' : 'publisher')
const ends = (rig: Rig) => Promise.all([rig.publisher, rig.provider].map((side) => side.fact('lease.ended')))

describe.concurrent.each(['publisher', 'provider'] as const)('notice by the %s', { timeout: TIMEOUT_MS }, (by) => {
  it(
    'is known to the other side at once, and the lease goes on until its time',
    inRig({}, async (rig) => {
      await rig.publisher.rent()
      await rig.publisher.fact('lease.paid', undefined, 2)
      await announce(rig, by, SOON_MS)
      const given = (await rig[by].facts('lease.noticed'))[0]!
      const heard = await rig[other(by)].fact<typeof given & Record<string, never>>('lease.noticed')
      expect(heard).toMatchObject({ by, code: `stopped-by-${by}`, endsAt: expect.any(Number) })
      expect(Math.abs(heard.endsAt! - given.endsAt!)).toBeLessThan(SOON_MS)
      if (by === 'publisher')
        await eventually('the shell says so', () =>
          [...rig.provider.gateway.grants.values()].some(({ greeting }) =>
            greeting?.includes('as the publisher announced'),
          ),
        )
      const { tick } = (await leaseOf(rig.provider)).context
      await rig.provider.fact<Fact & { tick: number }>('lease.paid', (fact) => fact.tick > tick)
      const [theirs, ours] = await ends(rig)
      for (const end of [theirs, ours]) expect(end).toMatchObject({ code: `stopped-by-${by}`, culprit: by })
      expect((ours as { at: number }).at).toBeGreaterThanOrEqual(
        (await rig.provider.facts('lease.noticed'))[0]!.endsAt! - 1,
      )
      await settleBoth(rig)
      expect((await leaseOf(rig.provider)).context.receipt?.publisherSignature).toBeDefined()
    }),
  )

  it(
    'is taken back, also while the other side is away',
    inRig({}, async (rig) => {
      await rig.publisher.rent()
      await rig.publisher.fact('lease.paid', undefined, 2)
      await announce(rig, by, LATER_MS)
      await rig[other(by)].fact('lease.noticed')
      await rig[other(by)].stop()
      await announce(rig, by, 'withdraw')
      await rig[other(by)].start()
      await rig[other(by)].fact('lease.notice-withdrawn')
      expect((await leaseOf(rig[other(by)])).context.notice).toBeUndefined()
      await settleBoth(rig)
    }),
  )

  it.each(['publisher', 'provider'] as const)('survives a restart of the %s', (who) =>
    inRig({}, async (rig) => {
      await rig.publisher.rent()
      await rig.publisher.fact('lease.paid', undefined, 2)
      rig[who].trap = (facts) => (facts.some(({ type }) => type === 'lease.noticed') ? 'after' : undefined)
      const { life } = rig[who]
      void announce(rig, by, SOON_MS).catch(() => {})
      await life.fuse.blownAt
      rig[who].trap = () => undefined
      await rig[who].stop()
      await rig[who].start()
      for (const end of await ends(rig)) expect(end).toMatchObject({ code: `stopped-by-${by}`, culprit: by })
      await settleBoth(rig)
    })(),
  )
})

describe.concurrent('a notice that was agreed', { timeout: TIMEOUT_MS }, () => {
  it(
    'and not given makes the provider the culprit, in both logs',
    inRig({}, async (rig) => {
      await rig.publisher.rent({ order: { noticeMs: 60_000 } })
      await rig.publisher.fact('lease.paid', undefined, 2)
      rig.provider.seeker.stopLease((await leaseOf(rig.provider)).context.leaseId)
      for (const end of await ends(rig))
        expect(end).toMatchObject({ code: 'ended-without-notice', culprit: 'provider' })
      await settleBoth(rig)
      const { receipt } = (await leaseOf(rig.publisher)).context
      expect(receipt).toMatchObject({ receipt: { code: 'ended-without-notice', culprit: 'provider' } })
      expect(receipt?.providerSignature).toBeDefined()
    }),
  )

  it(
    'and kept blames nobody',
    inRig({}, async (rig) => {
      await rig.publisher.rent({ order: { noticeMs: 1_000 } })
      await rig.publisher.fact('lease.paid', undefined, 2)
      await announce(rig, 'provider', SOON_MS)
      for (const end of await ends(rig)) expect(end).toMatchObject({ code: 'stopped-by-provider' })
      await settleBoth(rig)
    }),
  )

  it(
    'is refused when it is longer than the provider gives',
    inRig({}, async (rig) => {
      await rig.publisher.rent({ order: { noticeMs: 600_001 } })
      for (const side of [rig.provider, rig.publisher])
        expect(await side.fact('lease.refused')).toMatchObject({ code: 'policy-says-no', culprit: 'provider' })
    }),
  )
})

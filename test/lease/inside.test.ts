import { describe, expect, it } from 'vitest'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import type { Terms } from '../../domain/terms.ts'
import { NO_USAGE } from '../../domain/usage.ts'
import { systemRandom } from '../../src/random/system.ts'
import { deriveKeys } from '../../src/wallet/keys.ts'
import { eventually } from './eventually.ts'
import { type ProviderScript, servedTo } from './hostile.ts'
import { fakeReader } from './inside-reader.ts'
import { inRig, leaseOf, type Rig } from './rig.ts'

type Fact<T extends LeaseFact['type']> = Extract<LeaseFact, { type: T }>

const TOLERANCE = { everyMs: 100, slackMs: 0, permille: 50, readings: 3 }
const isolated = (terms: Terms): Terms => ({ ...terms, isolation: 'namespace' })
const stranger = () => deriveKeys(systemRandom.bytes(64), { coinType: 1 })

/** A provider, played by the test, that bills a share of a core, thousandths, for as long as its ticks are paid. */
const billing = async ({ script, terms }: ProviderScript, cpuMillis: () => bigint) => {
  const began = performance.now()
  let cpuUs = 0n
  let wallUs = 0n
  const answers: string[] = []
  for (let tick = 1; ; tick++) {
    await new Promise((resolve) => setTimeout(resolve, terms.tickMs))
    const now = BigInt(Math.floor((performance.now() - began) * 1_000))
    cpuUs += ((now - wallUs) * cpuMillis()) / 1_000n
    wallUs = now
    await script.send({ type: 'tick', tick, usage: { ...NO_USAGE, wallUs, cpuUs } })
    for (;;) {
      const message = (await script.link.receive({ timeoutMs: 30_000 })) as {
        type: string
        code?: string
        tick?: number
      }
      answers.push(message.type)
      if (message.type === 'end') return { code: message.code, answers, tick }
      if (message.type === 'voucher' && message.tick === tick) break
    }
  }
}

const played = async (rig: Rig, change = isolated): Promise<ProviderScript> => {
  const txid = await rig.publisher.rent({ body: { count: 100 } })
  await rig.publisher.fact('announcement.seen')
  return await servedTo(rig, stranger(), txid, change)
}

/** What a test asks of the publisher's log. */
const factsOf = async (rig: Rig, type: LeaseFact['type']) => (await rig.publisher.facts(type)) as LeaseFact[]

describe.concurrent('a publisher that measures from inside', { timeout: 90_000 }, () => {
  const idle = fakeReader({ cpuUs: 10_000n, memoryBytes: 0n })
  it(
    'ends a lease whose bill is possible and not true, and pays nothing more',
    inRig({ providers: [], inside: { tolerance: TOLERANCE, reader: idle } }, async (rig) => {
      const lease = await played(rig)
      const { code, tick } = await billing(lease, () => 1_000n)
      expect(code).toBe('usage-mismatch')
      const [ended] = (await factsOf(rig, 'lease.ended')) as Fact<'lease.ended'>[]
      expect(ended).toMatchObject({ code: 'usage-mismatch', culprit: 'provider' })
      expect(ended!.why).toContain('cpuUs')
      const { context } = await leaseOf(rig.publisher)
      expect(context.inside).toMatchObject({ strikes: 3, beyond: ['cpuUs'] })
      // Whatever it goes on to say: the end again, and no voucher.
      const wallUs = context.usage.wallUs + 1_000n
      await lease.script.send({ type: 'tick', tick: tick + 1, usage: { ...context.usage, wallUs } })
      expect((await lease.script.until('end')).code).toBe('usage-mismatch')
      expect((await leaseOf(rig.publisher)).context.paidSats).toBe(context.paidSats)
    }),
  )

  const honest = fakeReader({ cpuUs: 10n ** 12n, memoryBytes: 0n })
  it(
    'goes on while the bill is not above what it reads, and when it cannot read, and says why',
    inRig({ providers: [], inside: { tolerance: TOLERANCE, reader: honest } }, async (rig) => {
      const lease = await played(rig)
      const over = billing(lease, () => 1_000n).catch(() => undefined)
      const reads = () => factsOf(rig, 'lease.inside-read')
      await eventually('three readings', async () => (await reads()).length >= 3)
      for (const [there, why] of [
        [new Error('no'), 'no-shell'],
        ['something else', 'bad-answer'],
        [{}, 'no-counters'],
      ] as const) {
        honest.there = there
        await eventually(why, async () => (await leaseOf(rig.publisher)).context.unread === why)
        const { asked } = honest
        await eventually('it is tried again', () => honest.asked > asked + 2)
      }
      // Once each, however often it failed; and paid all the while.
      expect(await factsOf(rig, 'lease.inside-unread')).toHaveLength(3)
      expect((await leaseOf(rig.publisher)).context.end).toBeUndefined()
      const before = (await reads()).length
      honest.there = { cpuUs: 10n ** 12n, memoryBytes: 0n }
      await eventually('a further reading', async () => (await reads()).length > before)
      const { context } = await leaseOf(rig.publisher)
      expect(context.unread).toBeUndefined()
      await rig.publisher.publisher.stopLease(context.leaseId)
      lease.script.close()
      await over
    }),
  )

  const unasked = fakeReader({})
  it(
    'does not take the host’s counters for those of a machine without isolation',
    inRig({ inside: { tolerance: { ...TOLERANCE, everyMs: 300, slackMs: 2_000 }, reader: unasked } }, async (rig) => {
      await rig.publisher.rent()
      expect(await rig.mineUntil(rig.publisher.fact('lease.inside-unread'))).toMatchObject({ why: 'no-isolation' })
      expect(unasked.asked).toBe(0)
    }),
  )

  it(
    'is answered by a provider to which its tolerance is too narrow',
    inRig({ inside: { tolerance: TOLERANCE, reader: fakeReader({}) } }, async (rig) => {
      await rig.publisher.rent()
      expect(await rig.provider.fact('lease.refused')).toMatchObject({ code: 'policy-says-no' })
    }),
  )

  // Whoever is root in the machine can do that: it costs the provider this lease, and nothing that was paid.
  it(
    'believes a machine that lies to it: both sign what was paid until then',
    inRig(
      {
        providers: [{ isolation: 'namespace' }],
        inside: {
          tolerance: { ...TOLERANCE, everyMs: 300, slackMs: 2_000 },
          reader: fakeReader({ cpuUs: 0n, memoryBytes: 0n }),
        },
      },
      async (rig) => {
        rig.provider.machines.cpuMillis = 1_000
        await rig.publisher.rent()
        const receipts = [rig.publisher, rig.provider].map(async (who) => {
          await rig.mineUntil(who.fact('lease.settled'))
          return (await leaseOf(who)).context
        })
        const [own, other] = await Promise.all(receipts)
        expect(own!.end).toMatchObject({ code: 'usage-mismatch', culprit: 'provider' })
        expect(other!.end).toMatchObject({ code: 'usage-mismatch', culprit: 'provider' })
        expect(other!.paidSats).toBe(own!.paidSats)
      },
    ),
  )
})

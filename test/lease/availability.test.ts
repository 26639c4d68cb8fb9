import { describe, expect, it } from 'vitest'
import type { AnnouncementFact } from '../../domain/announcement/facts.ts'
import { HOUR_MS } from '../../domain/availability/availability.ts'
import { KEEP_MS, LENDING_STREAM, type LendingFact } from '../../domain/availability/facts.ts'
import { leaseStream } from '../../domain/ids.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import type { Journal } from '../../src/journal/port.ts'
import { systemRandom } from '../../src/random/system.ts'
import { deriveKeys } from '../../src/wallet/keys.ts'
import { leaseFacts, upTo } from '../domain/lease/sample.ts'
import { freshLeaseId, offerTo } from './hostile.ts'
import { inRig, leaseOf, type RigOptions } from './rig.ts'

const TIMEOUT_MS = 60_000
type Judged = Extract<AnnouncementFact, { type: 'announcement.judged' }> & Record<string, never>
type Offered = Extract<LeaseFact, { type: 'lease.offered' }>
type Over = Extract<LeaseFact, { type: 'lease.refused' }>

/** A log in which machines were lent out for so many hours until now, but for the first `down` of them. */
const lentFor = async (hours: number, down = 0): Promise<Journal> => {
  const journal = memoryJournal()
  const since = Date.now() - hours * HOUR_MS
  const facts: LendingFact[] = [{ type: 'lending.began', at: since }]
  for (let at = since; at <= Date.now(); at += KEEP_MS)
    facts.push({ type: 'lending.kept', at, ...(at < since + down * HOUR_MS ? { closed: 'owner-busy' } : {}) })
  await journal.transact([{ stream: LENDING_STREAM, expected: 0, facts }])
  return journal
}
const withProvider = (hours: number, down = 0): RigOptions => ({
  journal: async (side) => (side === 'publisher' ? memoryJournal() : await lentFor(hours, down)),
})
const wants = { body: { minAvailabilityPermille: 950 } }

describe.concurrent('how available a provider was', { timeout: TIMEOUT_MS }, () => {
  it(
    'is told with its offer, in both logs, and is enough when it was there for long enough',
    inRig(withProvider(50), async ({ publisher, provider }) => {
      await publisher.rent(wants)
      await publisher.fact('lease.paid', undefined, 2)
      const [told] = await publisher.facts('lease.offered')
      const [said] = await provider.facts('lease.offered')
      expect(told?.availability).toEqual(said?.availability)
      expect(told).not.toHaveProperty('seen')
      expect(told?.availability?.month.spanMs).toBeGreaterThanOrEqual(50 * HOUR_MS)
      expect(told?.availability?.month.lentPermille).toBeGreaterThanOrEqual(990)
      expect((await leaseOf(provider)).context.terms).toBeDefined()
    }),
  )

  it.for([
    [20, 0, '100 % over 20 h'],
    [100, 10, '90 % over 4 days'],
  ] as const)('is too little of %i hours without %i: no match, and the rule says why', async ([hours, down, have]) =>
    inRig(withProvider(hours, down), async ({ publisher, provider }) => {
      await publisher.rent(wants)
      const { verdict } = await provider.fact<Judged>('announcement.judged')
      expect(verdict.rules.filter(({ ok }) => !ok)).toEqual([
        { rule: 'availability', ok: false, want: '95 %, over a day at least', have },
      ])
      expect(await provider.facts('lease.sought')).toEqual([])
    })(),
  )

  it(
    'is not known of a provider that does not say: it is taken where that does not matter, and else is not',
    inRig({ providers: [] }, async (rig) => {
      const stranger = () => deriveKeys(systemRandom.bytes(64), { coinType: 1 })
      for (const [body, last] of [[wants.body, 'refuse'] as const, [{}, 'agree'] as const]) {
        const txid = await rig.publisher.rent({ body })
        await rig.publisher.fact('announcement.seen', undefined, last === 'refuse' ? 1 : 2)
        const { script } = await offerTo(rig, stranger(), txid)
        await script.until(last)
      }
      const [refused] = await rig.publisher.facts('lease.refused')
      expect(refused).toMatchObject({ code: 'not-available', culprit: 'provider' })
      expect(refused?.why).toContain('availability: wanted 95 %')
    }),
  )

  it(
    'is spoken against by what the publisher saw itself',
    inRig(withProvider(50), async ({ publisher, provider }) => {
      const leaseId = freshLeaseId()
      const began = Date.now() - 20 * HOUR_MS
      const ofThis = (fact: LeaseFact): LeaseFact => {
        if (fact.type === 'lease.challenged') return { ...fact, peerKey: provider.key }
        return fact.type === 'lease.sought' ? { ...fact, leaseId } : fact
      }
      const facts = [
        ...upTo('funded', 'publisher').map((fact) => ({ ...ofThis(fact), at: began })),
        { ...leaseFacts()['lease.paused'], at: began + 8 * HOUR_MS, code: 'owner-busy' },
        { ...leaseFacts()['lease.ended'], at: began + 10 * HOUR_MS },
        { ...leaseFacts()['lease.settled'], at: began + 10 * HOUR_MS },
      ]
      await publisher.journal.transact([{ stream: leaseStream(leaseId), expected: 0, facts }])
      await publisher.rent(wants)
      expect(await publisher.fact<Over & Record<string, never>>('lease.refused')).toMatchObject({
        code: 'not-available',
        why: 'availability-seen: wanted 95 % of own leases’ time, there is 80 % of 10 h',
      })
      const offered = await publisher.facts('lease.offered')
      expect((offered.at(-1) as Offered).seen).toEqual({
        servedMs: 10 * HOUR_MS,
        fullPermille: 800,
        leases: 1,
        broken: 0,
      })
      expect(await provider.fact('lease.refused')).toMatchObject({ code: 'not-available' })
    }),
  )
})

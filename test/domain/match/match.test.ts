import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AnnouncementBody } from '../../../domain/announcement/body.ts'
import type { Span } from '../../../domain/availability/availability.ts'
import {
  isAtLeast,
  match,
  type Policy,
  type Request,
  type Rule,
  type Situation,
  whyNot,
} from '../../../domain/match.ts'
import { hourlyMsat, mapPrice } from '../../../domain/price.ts'
import { ISOLATIONS } from '../../../domain/resources.ts'
import { AUTHOR, BODY } from '../announcement/sample.ts'

const FLOOR = mapPrice(() => 1_000_000n)
const CEILING = FLOOR.startMsat + hourlyMsat(FLOOR, BODY.resources)
const POLICY: Policy = {
  ask: mapPrice(() => 2_000_000n),
  floor: FLOOR,
  images: [BODY.image, 'other:1'],
  trustedKeys: [AUTHOR],
  isolation: 'namespace',
  bridgeAllowed: false,
  maxDurationMs: BODY.maxDurationMs,
  maxLeases: 2,
}
// Everything fits, and nothing is left over.
const REQUEST: Request = {
  publisherKey: AUTHOR,
  expiryHeight: 101,
  body: { ...BODY, maxHourlyMsat: CEILING },
}
const SITUATION: Situation = { free: BODY.resources, leases: 1, height: 100 }

const body = (change: Partial<AnnouncementBody>) => ({ request: { ...REQUEST, body: { ...REQUEST.body, ...change } } })
const policy = (change: Partial<Policy>) => ({ policy: { ...POLICY, ...change } })
const free = (change: Partial<Situation['free']>) => ({
  situation: { ...SITUATION, free: { ...SITUATION.free, ...change } },
})
type World = { readonly request: Request; readonly policy: Policy; readonly situation: Situation }
const WORLD: World = { request: REQUEST, policy: POLICY, situation: SITUATION }
const judge = (change: Partial<World>) => {
  const { request, policy, situation } = { ...WORLD, ...change }
  return match(request, policy, situation)
}

const SPAN: Span = { spanMs: 86_400_000, lentPermille: 950, servedMs: 1, fullPermille: 950, leases: 1, broken: 0 }
const wantsAvailable = (month: Span | undefined): Partial<World> => ({
  ...body({ minAvailabilityPermille: 950 }),
  situation: month ? { ...SITUATION, availability: { week: month, month, hoursOfWeek: [] } } : SITUATION,
})

/** What makes each rule say no, and no other; the type sees to it that none is left out. */
const NO: { readonly [R in Rule]: readonly Partial<World>[] } = {
  'not-expired': [{ situation: { ...SITUATION, height: 101 } }, { request: { ...REQUEST, expiryHeight: 0 } }],
  trusted: [policy({ trustedKeys: [] }), { request: { ...REQUEST, publisherKey: `${AUTHOR}00` } }],
  'lease-slot': [policy({ maxLeases: 1 }), { situation: { ...SITUATION, leases: 2 } }],
  cpu: [free({ cpuMillis: BODY.resources.cpuMillis - 1 })],
  memory: [free({ memoryBytes: BODY.resources.memoryBytes - 1 })],
  disk: [free({ diskBytes: BODY.resources.diskBytes - 1 })],
  pids: [free({ pids: BODY.resources.pids - 1 })],
  image: [policy({ images: [] }), policy({ images: ['other:1'] }), body({ image: '*' }), body({ image: '' })],
  isolation: [policy({ isolation: 'none' }), body({ isolation: 'container' }), body({ isolation: 'vm' })],
  network: [body({ machineNetwork: 'bridge' })],
  duration: [body({ maxDurationMs: BODY.maxDurationMs + 1 })],
  hours: [
    { situation: { ...SITUATION, open: { leftMs: 0, until: 'outside of its hours' } } },
    { situation: { ...SITUATION, open: { leftMs: BODY.maxDurationMs - 1, until: 'until 08:00' } } },
  ],
  price: [body({ maxHourlyMsat: REQUEST.body.maxHourlyMsat - 1n }), policy({ floor: mapPrice(() => 1_000_001n) })],
  'traffic-price': (['ioReadGiB', 'ioWriteGiB', 'netRxGiB', 'netTxGiB'] as const).map((item) =>
    policy({ floor: { ...FLOOR, [item]: 10n * CEILING + 1n } }),
  ),
  availability: [
    wantsAvailable(undefined),
    wantsAvailable({ ...SPAN, lentPermille: 949 }),
    wantsAvailable({ ...SPAN, fullPermille: 949 }),
    wantsAvailable({ ...SPAN, spanMs: 86_400_000 - 1 }),
  ],
}
const RULES = Object.keys(NO) as Rule[]

describe('match', () => {
  it('says yes when everything just fits', () => {
    const verdict = judge({})
    expect(verdict.ok).toBe(true)
    expect(whyNot(verdict)).toBe('')
  })

  it.each(RULES.flatMap((rule) => NO[rule].map((change, i) => [rule, i, change] as const)))(
    '%s alone says no, and names itself (%i)',
    (rule, _i, change) => {
      const verdict = judge(change)
      expect(verdict.ok).toBe(false)
      expect(verdict.rules.filter(({ ok }) => !ok).map((each) => each.rule)).toEqual([rule])
      expect(whyNot(verdict).startsWith(`${rule}: `)).toBe(true)
    },
  )

  it('answers every rule once, in the same order, whatever was said before', () => {
    const changes = fc.array(fc.constantFrom(...RULES.flatMap((rule) => NO[rule])), { maxLength: 6 })
    fc.assert(
      fc.property(changes, (all) => {
        const verdict = judge(Object.assign({}, ...all) as Partial<World>)
        expect(verdict.rules.map(({ rule }) => rule)).toEqual(RULES)
        expect(verdict.ok).toBe(verdict.rules.every(({ ok }) => ok))
        for (const { want, have } of verdict.rules) expect([typeof want, typeof have]).toEqual(['string', 'string'])
      }),
    )
  })

  it('takes a provider that was there for just so long, and any when none is wanted', () => {
    expect(judge(wantsAvailable(SPAN)).ok).toBe(true)
    expect(judge({ ...wantsAvailable({ ...SPAN, spanMs: 1, lentPermille: 0 }), request: REQUEST }).ok).toBe(true)
  })

  it('trusts everybody when nobody is named', () => {
    const { trustedKeys: _, ...open } = POLICY
    expect(judge({ policy: open, request: { ...REQUEST, publisherKey: 'anybody' } }).ok).toBe(true)
  })

  it('takes any image for *, and a bridge where it is allowed', () => {
    expect(judge({ ...policy({ images: ['*'] }), ...body({ image: 'whatever:9' }) }).ok).toBe(true)
    expect(judge({ ...policy({ bridgeAllowed: true }), ...body({ machineNetwork: 'bridge' }) }).ok).toBe(true)
  })

  it('says yes still when there is more of anything', () => {
    const more = fc.record({ cpuMillis: fc.nat(), memoryBytes: fc.nat(), diskBytes: fc.nat(), pids: fc.nat() })
    fc.assert(
      fc.property(more, fc.nat(), fc.bigInt({ min: 0n, max: 10n ** 12n }), (extra, blocks, msat) => {
        const { free } = SITUATION
        const larger = {
          cpuMillis: free.cpuMillis + extra.cpuMillis,
          memoryBytes: free.memoryBytes + extra.memoryBytes,
          diskBytes: free.diskBytes + extra.diskBytes,
          pids: free.pids + extra.pids,
        }
        const request: Request = {
          ...REQUEST,
          expiryHeight: REQUEST.expiryHeight + blocks,
          body: { ...REQUEST.body, maxHourlyMsat: REQUEST.body.maxHourlyMsat + msat },
        }
        expect(judge({ request, situation: { ...SITUATION, leases: 0, free: larger } }).ok).toBe(true)
      }),
    )
  })

  it('orders isolation from none to vm', () => {
    expect(ISOLATIONS).toEqual(['none', 'namespace', 'container', 'vm'])
    for (const [i, have] of ISOLATIONS.entries())
      for (const [j, want] of ISOLATIONS.entries()) expect(isAtLeast(have, want)).toBe(i >= j)
  })

  it('says all the reasons in one line', () => {
    const verdict = judge({ ...policy({ images: [] }), ...free({ cpuMillis: 0 }) })
    expect(whyNot(verdict).split('; ')).toHaveLength(2)
  })
})

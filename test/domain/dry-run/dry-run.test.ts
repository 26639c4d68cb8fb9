import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { firstHourMsat } from '../../../domain/ceiling.ts'
import { dryRun, type Known } from '../../../domain/dry-run/dry-run.ts'
import type { Request } from '../../../domain/match.ts'
import { mapPrice } from '../../../domain/price.ts'
import type { Isolation } from '../../../domain/resources.ts'
import { BODY } from '../announcement/sample.ts'

const HEIGHT = 100
const REQUEST: Request = { publisherKey: 'me', expiryHeight: HEIGHT + 10, body: BODY }
const FITS: Known = {
  id: 'a',
  lastAt: 1,
  price: mapPrice(() => 1_000_000n),
  isolation: 'container',
  cpuMillis: BODY.resources.cpuMillis,
  memoryBytes: BODY.resources.memoryBytes,
  images: [BODY.image],
  bridge: false,
  diskBytes: BODY.resources.diskBytes,
  pids: BODY.resources.pids,
  maxDurationMs: BODY.maxDurationMs,
}
const tried = (...known: readonly Known[]) => dryRun(REQUEST, known, HEIGHT)
const answers = (...known: readonly Known[]) =>
  tried(...known).candidates.map(({ provider, answer }) => [provider.id, answer])

describe('a dry run', () => {
  it('says who would at what price, the cheapest first, and asks for nothing more then', () => {
    const dear = { ...FITS, id: 'b', price: mapPrice(() => 2_000_000n) }
    const { candidates, exclusions, relaxation } = tried(dear, FITS)
    expect(candidates.map(({ provider, answer }) => [provider.id, answer])).toEqual([
      ['a', 'would'],
      ['b', 'would'],
    ])
    // Full use for an hour: wall 1, 2 cores, 1 GiB of memory, 2 GiB of disk; the longest duration is an hour too.
    expect(candidates[0]).toMatchObject({ hourlyMsat: 6_000_000n, wholeMsat: 7_000_000n })
    expect([exclusions, relaxation]).toEqual([[], undefined])
  })

  it.each<[string, Partial<Known>]>([
    ['image', { images: ['other'] }],
    ['disk', { diskBytes: 1 }],
    ['pids', { pids: 1 }],
    ['duration', { maxDurationMs: 1 }],
  ])('takes what was not offered so far for no refusal: %s', (rule, change) => {
    const { candidates, exclusions } = tried({ ...FITS, ...change })
    expect(candidates[0]!.answer).toBe('may')
    expect(candidates[0]!.rules.filter(({ ok }) => !ok)).toMatchObject([{ rule, told: false }])
    expect(exclusions).toEqual([])
  })

  it.each<[string, Partial<Known>, string, string]>([
    ['cpu', { cpuMillis: 1_500 }, 'cpuMillis', '1500'],
    ['memory', { memoryBytes: 7 }, 'memoryBytes', '7'],
    ['isolation', { isolation: 'none' }, 'isolation', 'none'],
    ['price', { price: mapPrice(() => 10_000_000n) }, 'maxHourlySats', '70000'],
    ['traffic-price', { price: { ...FITS.price, netRxGiB: 400_000_001n } }, 'maxHourlySats', '40001'],
  ])('says which rule excludes whom, and what would win them: %s', (rule, change, field, to) => {
    const { candidates, exclusions, relaxation } = tried({ ...FITS, ...change }, { ...FITS, id: 'b' })
    expect(candidates.map(({ provider, answer }) => [provider.id, answer])).toEqual([
      ['b', 'would'],
      ['a', 'would-not'],
    ])
    expect(exclusions).toEqual([{ rule, excludes: 1, alone: 1 }])
    expect(relaxation).toMatchObject({ provider: 'a', gains: 1, changes: [{ field, to }] })
  })

  it('counts those who are excluded by one rule alone apart', () => {
    const none: Isolation = 'none'
    const both = { ...FITS, id: 'b', cpuMillis: 1, isolation: none }
    expect(tried({ ...FITS, isolation: none }, both).exclusions).toEqual([
      { rule: 'isolation', excludes: 2, alone: 1 },
      { rule: 'cpu', excludes: 1, alone: 0 },
    ])
  })

  it('prefers one change that is dear to two that are cheap', () => {
    const dear = { ...FITS, id: 'dear', price: mapPrice(() => 10_000_000n) }
    const weak = { ...FITS, id: 'weak', cpuMillis: 10, isolation: 'none' as const }
    expect(tried(weak, dear).relaxation).toMatchObject({ provider: 'dear', changes: [{ rule: 'price' }] })
  })

  it('wins whom it names, whatever is known', () => {
    const known = fc.record({
      lastAt: fc.nat(),
      price: fc.bigInt({ min: 0n, max: 10n ** 9n }).map((msat) => mapPrice(() => msat)),
      isolation: fc.constantFrom<Isolation>('none', 'namespace', 'container', 'vm'),
      cpuMillis: fc.nat({ max: 4_000 }),
      memoryBytes: fc.nat({ max: 2 ** 31 - 1 }),
      images: fc.constantFrom([BODY.image], ['other']),
      bridge: fc.boolean(),
      diskBytes: fc.nat(),
      pids: fc.nat({ max: 300 }),
      maxDurationMs: fc.nat(),
    })
    fc.assert(
      fc.property(fc.array(known, { maxLength: 5 }), (all) => {
        const named = all.map((one, i) => ({ ...one, id: `${i}` }))
        const { candidates, relaxation } = tried(...named)
        const lost = candidates.filter(({ answer }) => answer === 'would-not')
        // Everybody can be won by these fields: what they cannot mend is no refusal.
        expect(relaxation === undefined).toBe(lost.length === 0)
        if (relaxation === undefined) return
        const { changes, provider } = relaxation
        const to = (field: string) => changes.find((change) => change.field === field)?.to
        const body = {
          ...BODY,
          isolation: (to('isolation') as Isolation | undefined) ?? BODY.isolation,
          maxHourlyMsat: to('maxHourlySats') === undefined ? BODY.maxHourlyMsat : BigInt(to('maxHourlySats')!) * 1_000n,
          resources: {
            ...BODY.resources,
            cpuMillis: Number(to('cpuMillis') ?? BODY.resources.cpuMillis),
            memoryBytes: Number(to('memoryBytes') ?? BODY.resources.memoryBytes),
          },
        }
        const again = dryRun({ ...REQUEST, body }, named, HEIGHT).candidates
        const won = again.filter(
          (one) => one.answer !== 'would-not' && lost.some((it) => it.provider.id === one.provider.id),
        )
        expect(won.map((one) => one.provider.id)).toContain(provider)
        expect(won).toHaveLength(relaxation.gains)
        const price = named.find(({ id }) => id === provider)!.price
        expect(firstHourMsat(price, body.resources)).toBeLessThanOrEqual(body.maxHourlyMsat)
      }),
    )
  })

  it('knows nobody: nobody would', () => expect(answers()).toEqual([]))
})

describe('availability in a dry run', () => {
  const request: Request = { ...REQUEST, body: { ...BODY, minAvailabilityPermille: 990 } }
  const spanned = (lentPermille: number): Partial<Known> => {
    const span = { spanMs: 30 * 86_400_000, lentPermille, servedMs: 0, leases: 0, broken: 0 }
    return { availability: { day: span, month: span } as unknown as NonNullable<Known['availability']> }
  }

  it('may be enough of a provider that told nothing, and is judged by what others told', () => {
    const known = [FITS, { ...FITS, id: 'b', ...spanned(995) }, { ...FITS, id: 'c', ...spanned(900) }]
    const { candidates, exclusions, relaxation } = dryRun(request, known, HEIGHT)
    expect(candidates.map(({ provider, answer }) => [provider.id, answer])).toEqual([
      ['b', 'would'],
      ['a', 'may'],
      ['c', 'would-not'],
    ])
    expect(exclusions).toEqual([{ rule: 'availability', excludes: 1, alone: 1 }])
    expect(relaxation?.changes).toEqual([{ rule: 'availability', field: 'minAvailability', from: '99', to: 'null' }])
  })
})

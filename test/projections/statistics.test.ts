import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AnnouncementFact } from '../../domain/announcement/facts.ts'
import type { Fact } from '../../domain/fact.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { hourlyMsat } from '../../domain/price.ts'
import type { Terms } from '../../domain/terms.ts'
import { type Bucket, intoBuckets, SPANS } from '../../projections/bucket.ts'
import { type Digest, digestOf, MAX_CLASSES, mergeDigests, percentile, weightedMean } from '../../projections/digest.ts'
import { fillTimes } from '../../projections/fill-times.ts'
import { levelOf, marketDepth } from '../../projections/market-depth.ts'
import { priceIndex } from '../../projections/price-index.ts'
import { soldUsage } from '../../projections/sold-usage.ts'
import type { Table } from '../../projections/table.ts'
import { fold } from './fold.ts'
import { ANNOUNCEMENT, agreed, leaseIdNumber, offered, sought, termsOf, usageAt } from './lease-history.ts'

type Entry = readonly [stream: string, fact: LeaseFact | AnnouncementFact]
const TABLES = [priceIndex, fillTimes, soldUsage, marketDepth] as unknown as readonly Table<unknown, Fact>[]
const STATISTICS = (history: readonly Entry[]) =>
  TABLES.map((table) => [...fold(table, history)].sort(([a], [b]) => (a < b ? -1 : 1)))

/** 2023-11-14 22:00 UTC: the start of an hour. */
const HOUR = 1_699_999_200_000
const id = leaseIdNumber
const lease = (n: number, ...facts: LeaseFact[]): Entry[] => facts.map((fact) => [`lease-${id(n)}`, fact])
const at = <F extends Fact>(fact: F, when: number): F => ({ ...fact, at: when })
const seenAt = (txid: string, when: number, count = 1, maxHourlyMsat = 8_000_000n): Entry => [
  `announcement-${txid}`,
  {
    type: 'announcement.seen',
    at: when,
    txid,
    author: '',
    bondSats: 1_000n,
    record: {
      isolation: 'none',
      count,
      cpuMillis: 2_000,
      memoryMiB: 512,
      diskGiB: 1,
      maxHourlyMsat,
      expiryHeight: 9,
      host: '127.0.0.1',
      port: 1,
      bodyHash: '00',
    },
  },
]
const bucketOf = <Row extends Bucket>(rows: Map<string, unknown>, list: string, from: number): Row =>
  [...rows.values()].find((row) => (row as Row).list === list && (row as Row).from === from) as Row
const agreedFor = (n: number, wallHour: bigint, resources: Partial<Terms['resources']>, when: number): LeaseFact => {
  const fact = agreed(id(n), wallHour) as Extract<LeaseFact, { type: 'lease.agreed' }>
  return { ...fact, at: when, terms: { ...fact.terms, resources: { ...fact.terms.resources, ...resources } } }
}

describe('statistics of the market', () => {
  it('has the prices of a small market that was added up by hand', () => {
    const rows = fold(priceIndex as Table<unknown, Fact>, [
      ...lease(1, agreedFor(1, 100n, { cpuMillis: 1_000 }, HOUR + 1)),
      ...lease(2, agreedFor(2, 300n, { cpuMillis: 3_000 }, HOUR + 59_999)),
      ...lease(3, agreedFor(3, 200n, { cpuMillis: 1_000 }, HOUR + 60_000)),
      ...lease(4, at(offered(id(4), 900n), HOUR)),
    ])
    type Row = Bucket & { prices: Record<string, Digest> }
    const minute = bucketOf<Row>(rows, 'agreed:minute', HOUR).prices['wallHour']!
    expect([minute.count, minute.min, percentile(minute, 50), minute.max]).toEqual([2, 100n, 100n, 300n])
    const hour = bucketOf<Row>(rows, 'agreed:hour', HOUR).prices
    expect([hour['wallHour']!.count, percentile(hour['wallHour']!, 50), weightedMean(hour['wallHour']!)]).toEqual([
      3,
      200n,
      200n,
    ])
    // cpuHour is 7,200,000 in all three; 1 + 3 + 1 cores are its weight.
    expect([hour['cpuHour']!.weight, weightedMean(hour['cpuHour']!)]).toEqual([5_000n, 7_200_000n])
    // An hour of the machine: wall + CPU * cores + 256 MiB * 1,000 + 1 GiB * 10. Per core: 7,200,360, 7,200,186, 7,200,460.
    const machine = hour['machineCoreHour']!
    expect([machine.min, percentile(machine, 50), machine.max]).toEqual([7_200_186n, 7_200_360n, 7_200_460n])
    expect(weightedMean(machine)).toBe((7_200_360n + 3n * 7_200_186n + 7_200_460n) / 5n)
    const day = bucketOf<Row>(rows, 'offered:day', HOUR - 22 * 3_600_000).prices['wallHour']!
    expect([day.count, day.min]).toEqual([1, 900n])
  })

  it('has the fill times of a small market that was added up by hand', () => {
    const stands = (when: number): LeaseFact => ({
      type: 'lease.provisioned',
      at: when,
      shell: { user: 'u', hostKey: 'k' },
    })
    const funded = (when: number): LeaseFact => ({
      type: 'lease.funded',
      at: when,
      txid: '',
      vout: 0,
      capacitySats: 1n,
    })
    const rows = fold(fillTimes as Table<unknown, Fact>, [
      seenAt(ANNOUNCEMENT, HOUR),
      ...lease(1, at(agreed(id(1)), HOUR + 4_000), stands(HOUR + 5_000), funded(HOUR + 6_000)),
      ...lease(2, at(agreed(id(2)), HOUR + 1_000), funded(HOUR + 9_000)),
      // Seen again after a reorganisation: it was announced before.
      seenAt(ANNOUNCEMENT, HOUR + 9_500),
      ...lease(2, stands(HOUR + 10_000)),
      // Never serves.
      ...lease(3, at(agreed(id(3)), HOUR + 2_000), funded(HOUR + 3_000), {
        type: 'lease.failed',
        at: HOUR + 3_001,
        code: 'machine-failed' as never,
        culprit: 'host',
        why: '',
      }),
    ])
    type Row = Bucket & { times: Digest }
    const { times } = bucketOf<Row>(rows, 'agreed:hour', HOUR)
    expect([50, 90, 99].map((percent) => percentile(times, percent))).toEqual([2_000n, 4_000n, 4_000n])
    expect(bucketOf<Row>(rows, 'serving:minute', HOUR).times).toMatchObject({ count: 2, min: 6_000n, max: 10_000n })
  })

  it('has the sales and the utilisation of a small market that were added up by hand', () => {
    const metered = (tick: number, when: number): LeaseFact => ({
      type: 'lease.metered',
      at: when,
      tick,
      usage: usageAt(tick),
      owedMsat: BigInt(tick) * 7n,
    })
    const own = { ...sought(id(1)), side: 'provider' } as LeaseFact
    const rows = fold(soldUsage as Table<unknown, Fact>, [
      ...lease(1, own, offered(id(1)), agreed(id(1)), metered(10, HOUR + 10_000), metered(70, HOUR + 70_000)),
      ...lease(2, sought(id(2)), agreed(id(2)), metered(5, HOUR + 11_000)),
    ])
    // usageAt: a second of wall and half a second of CPU each tick; the machine has a core and 256 MiB.
    const minute = bucketOf(rows, 'market:minute', HOUR)
    expect(minute).toMatchObject({
      used: { wallUs: 15_000_000n, cpuUs: 7_500_000n },
      owedMsat: 105n,
      lentCpuMillis: 2_000,
    })
    expect(bucketOf(rows, 'own:minute', HOUR + 60_000)).toMatchObject({
      used: { wallUs: 60_000_000n, cpuUs: 30_000_000n },
      leasedCpuMilliUs: 60_000_000n * 1_000n,
      leasedMemoryByteUs: 60_000_000n * 2n ** 28n,
      owedMsat: 420n,
      lentCpuMillis: 2_000,
      lentMemoryBytes: 2 ** 33,
    })
    expect(bucketOf(rows, 'own:hour', HOUR)).toMatchObject({ used: { wallUs: 70_000_000n }, owedMsat: 490n })
  })

  it('has the depth of a small market that was added up by hand', () => {
    const [a, b] = ['a'.repeat(64), 'b'.repeat(64)]
    const gone = (txid: string, type: 'announcement.withdrawn' | 'announcement.restored'): Entry => [
      `announcement-${txid}`,
      (type === 'announcement.withdrawn' ? { type, at: 9, by: '' } : { type, at: 9 }) as AnnouncementFact,
    ]
    const history: Entry[] = [
      seenAt(a, 1, 3),
      seenAt(b, 2, 1),
      ...lease(1, offered(id(1))),
      ...lease(2, offered(id(2))),
    ]
    const depth = (more: Entry[]) =>
      [...fold(marketDepth as Table<unknown, Fact>, [...history, ...more]).values()].filter(
        (row) => (row as { list: string }).list !== 'work',
      )
    const demand = { list: 'demand', levelMsat: levelOf(8_000_000n, 2_000), entries: 2, machines: 4, cpuMillis: 8_000 }
    const price = hourlyMsat(termsOf(id(1)).price, termsOf(id(1)).resources)
    const supply = { list: 'supply', levelMsat: levelOf(price, 1_000), entries: 2, machines: 2, cpuMillis: 2_000 }
    // 4,000,000 = 0b1111010000100100000000: its first four bits.
    expect(demand.levelMsat).toBe(0b1111n << 18n)
    expect(depth([])).toMatchObject([demand, supply])
    // Offered again instead; agreed; withdrawn twice and back again.
    const later = [...lease(1, offered(id(1)), agreed(id(1))), gone(b, 'announcement.withdrawn')]
    expect(depth(later)).toMatchObject([
      { ...demand, entries: 1, machines: 3, cpuMillis: 6_000, memoryBytes: 3 * 2 ** 29, diskBytes: 3 * 2 ** 30 },
      { ...supply, entries: 1, machines: 1, cpuMillis: 1_000 },
    ])
    expect(depth([...later, gone(b, 'announcement.withdrawn'), gone(b, 'announcement.restored')])[0]).toMatchObject(
      demand,
    )
    expect(depth([gone(a, 'announcement.withdrawn'), gone(b, 'announcement.withdrawn')])).toMatchObject([supply])
  })

  it('is the same in whatever order facts of one moment of different streams stand in the log', () => {
    const metered = (n: number, tick: number): LeaseFact => ({
      type: 'lease.metered',
      at: HOUR + tick,
      tick,
      usage: usageAt(tick),
      owedMsat: BigInt(tick * n),
    })
    const streams = [1, 2, 3].map((n) =>
      lease(
        n,
        { ...sought(id(n)), side: n === 1 ? 'publisher' : 'provider' } as LeaseFact,
        offered(id(n), BigInt(n)),
        agreed(id(n), BigInt(n * 100)),
        { type: 'lease.provisioned', at: 1, shell: { user: '', hostKey: '' } },
        { type: 'lease.funded', at: 1, txid: '', vout: 0, capacitySats: 1n },
        metered(n, 3),
        metered(n, 8),
      ).map(([stream, fact]): Entry => [stream, at(fact, HOUR)]),
    )
    streams.push([
      seenAt(ANNOUNCEMENT, HOUR),
      [`announcement-${ANNOUNCEMENT}`, { type: 'announcement.expired', at: HOUR, height: 9 }],
    ])
    const expected = STATISTICS(streams.flat())
    const total = streams.flat().length
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: total, maxLength: total }), (picks) => {
        const left = streams.map((stream) => [...stream])
        const mixed = [...picks, 0, 1, 2, 3].flatMap((pick) => left[pick]!.splice(0, 1))
        mixed.push(...left.flat())
        expect(STATISTICS(mixed)).toEqual(expected)
      }),
    )
  })

  it('keeps so many buckets of a span as it says, and adds up to the coarser ones', () => {
    type Count = Bucket & { readonly count: number }
    const all = new Map<string, Count>()
    const rows = { get: (key: string) => all.get(key), put: (key: string, row: Count) => void all.set(key, row) }
    const minutes = 2 * SPANS.minute.kept
    for (let minute = 0; minute < minutes; minute++) {
      intoBuckets<Count>(rows, 's', HOUR + minute * 60_000, (bucket, before) => ({
        ...bucket,
        count: (before?.count ?? 0) + 1,
      }))
    }
    // Too late for its minute, which is gone, and in time for its hour.
    intoBuckets<Count>(rows, 's', HOUR, (bucket, before) => ({ ...bucket, count: (before?.count ?? 0) + 1 }))
    const of = (span: string) => [...all.values()].filter(({ list }) => list === `s:${span}`)
    expect(of('minute')).toHaveLength(SPANS.minute.kept)
    expect(Math.min(...of('minute').map(({ from }) => from))).toBe(HOUR + (minutes - SPANS.minute.kept) * 60_000)
    expect(of('hour').reduce((sum, { count }) => sum + count, 0)).toBe(minutes + 1)
    expect(of('day').reduce((sum, { count }) => sum + count, 0)).toBe(minutes + 1)
  })
})

describe('a digest', () => {
  const numbers = fc.array(fc.bigInt(0n, 2n ** 70n), { minLength: 1, maxLength: 300 })
  const digest = (values: readonly bigint[]): Digest =>
    values.map((value) => digestOf(value)).reduce<Digest | undefined>(mergeDigests, undefined)!

  it('is the same for the same numbers in any order and grouping, and small', () => {
    fc.assert(
      fc.property(numbers, fc.nat(), (values, cut) => {
        const whole = digest(values)
        expect(whole.classes.length).toBeLessThanOrEqual(MAX_CLASSES)
        expect(digest(values.toReversed())).toEqual(whole)
        const at = 1 + (cut % values.length)
        if (at < values.length)
          expect(mergeDigests(digest(values.slice(0, at)), digest(values.slice(at)))).toEqual(whole)
      }),
    )
  })

  it('gives exact percentiles of few numbers, and of many those of their first bits', () => {
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 100 }), (values, percent) => {
        const whole = digest(values)
        const sorted = values.toSorted((a, b) => (a < b ? -1 : 1))
        const exact = sorted[Math.ceil((values.length * percent) / 100) - 1]!
        const found = percentile(whole, percent)
        if (new Set(values).size <= MAX_CLASSES && exact < 2n ** 62n) expect(found).toBe(exact)
        expect(found).toBeLessThanOrEqual(exact)
        if (exact < 2n ** 62n) expect(found * 2n).toBeGreaterThanOrEqual(exact)
      }),
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { INSIDE_KEYS, type Inside, type InsideReading, isTolerable, readInside } from '../../../domain/lease/inside.ts'
import { lease } from '../../../domain/lease/lease.ts'
import { mapUsage, NO_USAGE, possibleUsage, type UsageKey } from '../../../domain/usage.ts'
import { given } from '../../specification.ts'
import { AT, leaseFacts, MEASURED, readingAt } from './sample.ts'

const tolerance = MEASURED.inside!
const { resources, caps } = MEASURED
const read = (before: Inside | undefined, reading: InsideReading): Inside =>
  readInside(before, reading, tolerance, MEASURED)
const all = (readings: readonly InsideReading[]): Inside => readings.reduce<Inside | undefined>(read, undefined)!

/** The bill of a provider that says `more` of one counter. */
const lying = (tick: number, key: UsageKey, more: bigint): InsideReading => {
  const reading = readingAt(tick)
  return { ...reading, billed: { ...reading.billed, [key]: reading.billed[key] + more } }
}

describe('a reading from inside against the bill', () => {
  it('agrees with an honest one', () => {
    const found = all([1, 5, 9, 30].map(readingAt))
    expect(found).toMatchObject({ beyond: [], strikes: 0, tick: 30 })
    expect(found.usage.cpuUs).toBe(found.billed.cpuUs)
    expect(found.usage.memByteSeconds).toBe(found.billed.memByteSeconds)
  })

  it('holds for every machine that is billed at most what it used, whenever it is read', () => {
    const steps = fc.array(
      fc.record({
        wallUs: fc.bigInt({ min: 0n, max: 20_000_000n }),
        share: fc.bigInt({ min: 0n, max: 1_000n }),
        memory: fc.bigInt({ min: 0n, max: BigInt(resources.memoryBytes) }),
        late: fc.bigInt({ min: 0n, max: 1_000_000n }),
      }),
      { minLength: 1, maxLength: 20 },
    )
    fc.assert(
      fc.property(steps, (list) => {
        let [billed, found] = [NO_USAGE, undefined as Inside | undefined]
        for (const { wallUs, share, memory, late } of list) {
          const most = possibleUsage(resources, caps, wallUs)
          const used = (key: UsageKey) => billed[key] + (most[key] * share) / 1_000n
          billed = {
            ...mapUsage(used),
            wallUs: billed.wallUs + wallUs,
            memByteSeconds: billed.memByteSeconds + (memory * wallUs) / 1_000_000n,
          }
          const counters = {
            cpuUs: billed.cpuUs + late,
            memoryBytes: memory,
            ioReadBytes: billed.ioReadBytes,
            ioWriteBytes: billed.ioWriteBytes,
            netRxBytes: 0n,
            netTxBytes: billed.netTxBytes,
          }
          found = read(found, { tick: 1, billed, counters, shell: { rxBytes: billed.netRxBytes, txBytes: 0n } })
          expect(found.beyond).toEqual([])
        }
      }),
    )
  })

  it.each(INSIDE_KEYS)('finds %s above what the tolerance allows, and nothing below', (key) => {
    const slack = possibleUsage(resources, caps, BigInt(tolerance.slackMs + MEASURED.tickMs) * 1_000n)[key]
    const allowed = slack + (read(undefined, readingAt(10)).usage[key]! * BigInt(tolerance.permille)) / 1_000n
    // What the shell brought is above what was billed in the sample.
    const spare = read(undefined, readingAt(10)).usage[key]! - readingAt(10).billed[key]
    expect(read(undefined, lying(10, key, allowed + spare)).beyond).toEqual([])
    expect(read(undefined, lying(10, key, allowed + spare + 1n)).beyond).toEqual([key])
  })

  it('counts readings in a row, and begins again when one agrees', () => {
    const lies = [1, 2].map((tick) => lying(tick, 'cpuUs', 10n ** 9n))
    expect(all(lies).strikes).toBe(2)
    expect(all([...lies, readingAt(3)]).strikes).toBe(0)
    expect(all([...lies, readingAt(3), lying(4, 'cpuUs', 10n ** 9n)]).strikes).toBe(1)
  })

  it('counts anew from where a machine was started again', () => {
    const before = all([1, 5, 9].map(readingAt))
    const again = { ...readingAt(10), counters: { ...readingAt(10).counters, cpuUs: 1_000n } }
    const anew = read(before, again)
    expect(anew).toMatchObject({ since: again, strikes: 0, beyond: [] })
    const later = { ...readingAt(20), counters: { ...readingAt(20).counters, cpuUs: 1_000n + 15_000_000n } }
    expect(read(anew, later)).toMatchObject({ beyond: [], usage: { cpuUs: 15_000_000n } })
    const lie = { ...later, billed: { ...later.billed, cpuUs: later.billed.cpuUs + 10n ** 9n } }
    expect(read(anew, lie).beyond).toEqual(['cpuUs'])
  })

  it('does not compare what cannot be read, but holds on to what could be', () => {
    const { cpuUs: _, ...blind } = readingAt(10).counters
    const never = { ...lying(10, 'cpuUs', 10n ** 9n), counters: blind }
    expect(read(undefined, never).beyond).toEqual([])
    expect(read(read(undefined, readingAt(1)), never).beyond).toEqual(['cpuUs'])
  })

  it('is narrower than a provider agrees to only where one of its numbers is', () => {
    expect(isTolerable(tolerance)).toBe(true)
    for (const key of ['everyMs', 'slackMs', 'permille', 'readings'] as const)
      expect(isTolerable({ ...tolerance, [key]: 1 })).toBe(false)
  })
})

describe('a lease that is measured from inside', () => {
  const f = leaseFacts(0)
  const begun = [
    ...[f['lease.sought'], f['lease.matched'], f['lease.connected'], f['lease.challenged']],
    ...[
      { ...f['lease.offered'], terms: MEASURED },
      { ...f['lease.agreed'], terms: MEASURED },
    ],
    ...[f['lease.provisioned'], f['lease.funded']],
  ]
  const lies = [1, 2, 3].map((tick) => lying(tick, 'cpuUs', 10n ** 9n))
  const first = { type: 'lease.inside-read' as const, at: AT, inside: all(lies.slice(0, 1)) }
  const second = { type: 'lease.inside-read' as const, at: AT, inside: all(lies.slice(0, 2)) }
  const reading = (at: number) => ({ kind: 'inside' as const, at: AT, reading: lies[at]! })

  it('goes on after one reading that does not fit', () =>
    given(lease, ...begun)
      .when(reading(0))
      .yields(first))

  it('ends after as many in a row as were agreed', () =>
    given(lease, ...begun, first, second)
      .when(reading(2))
      .yields(
        { type: 'lease.inside-read', at: AT, inside: all(lies) },
        {
          type: 'lease.ended',
          at: AT,
          code: 'usage-mismatch',
          culprit: 'provider',
          why: 'cpuUs: more was billed than was read inside, 3 times in a row',
        },
      ))

  it('says once why nothing can be read', () => {
    const unread = { type: 'lease.inside-unread' as const, at: AT, why: 'no-counters' as const }
    given(lease, ...begun)
      .when({ kind: 'inside', at: AT, reading: 'no-counters' })
      .yields(unread)
    given(lease, ...begun, unread)
      .when({ kind: 'inside', at: AT, reading: 'no-counters' })
      .changesNothing()
  })

  it('is not read when nobody agreed to it, nor once the end was asked for', () => {
    const plain = begun.map((fact) => (fact.type === 'lease.agreed' ? f['lease.agreed'] : fact))
    given(lease, ...plain)
      .when(reading(0))
      .refuses('nothing-offered')
    given(lease, ...begun, f['lease.noticed'])
      .when(reading(0))
      .refuses('ending')
  })
})

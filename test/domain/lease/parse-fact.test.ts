import { describe, expect, it } from 'vitest'
import { leaseChart } from '../../../domain/lease/chart.ts'
import type { LeaseFact } from '../../../domain/lease/facts.ts'
import { parseLeaseFact } from '../../../domain/lease/parse-fact.ts'
import { plainJson } from '../../../domain/plain-text.ts'
import { ShapeError } from '../../../domain/shape.ts'
import { goldenFiles, goldenStreams } from '../../histories/golden.ts'
import { LONGER, leaseFacts, MEASURED } from './sample.ts'

const told = (fact: unknown): unknown => JSON.parse(plainJson(fact))
const samples = Object.values(leaseFacts(3)) as LeaseFact[]
const golden = goldenFiles()
  .filter((file) => file.startsWith('lease-'))
  .flatMap((file) => [...goldenStreams(file).values()].flat())

describe('a fact of a lease as it is told', () => {
  it('is known of every type', () => {
    expect(samples.map(({ type }) => type).sort()).toEqual([...leaseChart.events].sort())
  })

  it.each(samples.map((fact) => [fact.type, fact] as const))('%s is read as it was', (_, fact) => {
    expect(parseLeaseFact(told(fact))).toEqual(fact)
  })

  it('is read with every term that may be absent', () => {
    const offered = leaseFacts()['lease.offered']
    for (const terms of [LONGER, MEASURED, { ...LONGER, noticeMs: 5 }])
      expect(parseLeaseFact(told({ ...offered, terms }))).toEqual({ ...offered, terms })
  })

  it('is read as it was ever stored', () => {
    expect(golden.length).toBeGreaterThan(50)
    for (const fact of golden) expect(parseLeaseFact(told(fact))).toEqual(fact)
  })

  it.each([
    ['no object', 7, 'type'],
    ['another type', { type: 'lease.stolen', at: 1 }, 'type'],
    ['a name of every object', { type: 'constructor', at: 1 }, 'type'],
    ['a key too much', { type: 'lease.released', at: 1, more: 1 }, 'more'],
    ['a key too few', { type: 'lease.connected', at: 1 }, 'remote'],
    ['another kind of value', { type: 'lease.paid', at: 1, tick: 1, paidSats: '1.5' }, 'paidSats'],
    ['a code that there is not', { type: 'lease.paused', at: 1, code: 'tired' }, 'code'],
    ['no time', { type: 'lease.released', at: '1' }, 'at'],
  ])('is refused with %s', (_, value, where) => {
    expect(() => parseLeaseFact(value)).toThrow(ShapeError)
    expect(() => parseLeaseFact(value)).toThrow(where)
  })
})

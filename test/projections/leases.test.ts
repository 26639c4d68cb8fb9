import { describe, expect, it } from 'vitest'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { lease as leaseDecider } from '../../domain/lease/lease.ts'
import { leases } from '../../projections/leases.ts'
import { offers } from '../../projections/offers.ts'
import { fold } from './fold.ts'
import { agreed, leaseIdNumber, metered, offered, PROVIDER, sought, toMetering, toSettled } from './lease-history.ts'

const id = leaseIdNumber(1)
const rowOf = (history: readonly LeaseFact[]) =>
  fold(
    leases,
    history.map((fact) => [`lease-${id}`, fact] as const),
  ).get(id)!
const offersOf = (history: readonly LeaseFact[]) => [
  ...fold(
    offers,
    history.map((fact) => [`lease-${id}`, fact] as const),
  ).values(),
]

const whole: LeaseFact[] = [
  ...toMetering(id),
  metered(id, 1),
  { type: 'lease.paid', at: 1, tick: 1, paidSats: 3n },
  { type: 'lease.starved', at: 2, tick: 2, why: 'unpaid' },
  { type: 'lease.paid', at: 3, tick: 2, paidSats: 4n },
  ...toSettled(4n),
]

describe('the row of a lease', () => {
  it('is in the stage in which the chart is, after every fact', () => {
    let state = leaseDecider.initial
    for (const [index, fact] of whole.entries()) {
      state = leaseDecider.evolve(state, fact)
      const top = typeof state.value === 'string' ? state.value : Object.keys(state.value)[0]
      const row = rowOf(whole.slice(0, index + 1))
      expect(row.stage).toBe(top)
      expect(row.position).toBe(index + 1)
      expect(row.paidSats).toBe(state.context.paidSats)
      expect(row.owedMsat).toBe(state.context.owedMsat)
    }
  })

  it('tells the whole story of a settled lease', () => {
    const row = rowOf(whole)
    expect(row).toMatchObject({
      stage: 'settled',
      active: false,
      released: true,
      tick: 1,
      providerKey: PROVIDER,
      began: 1,
    })
    expect(row.end).toMatchObject({ code: 'stopped-by-publisher', culprit: 'publisher' })
    expect(row.settlement).toEqual({ txid: 'e'.repeat(64), height: 42 })
    expect(row.funding?.capacitySats).toBe(50_000n)
  })

  it('serves from when both the machine and the money are there, whichever comes last', () => {
    const history = toMetering(id)
    const swapped = [...history.slice(0, 6), history[7]!, history[6]!]
    expect(rowOf(swapped.slice(0, 7))).toMatchObject({ stage: 'provision' })
    expect(rowOf(swapped)).toMatchObject({ stage: 'meter', servingSince: history[6]!.at })
    expect(rowOf(history)).toMatchObject({ stage: 'meter', servingSince: history[7]!.at })
  })

  it('is starved until it is paid', () => {
    const history: LeaseFact[] = [...toMetering(id), { type: 'lease.starved', at: 1, tick: 1, why: 'unpaid' }]
    expect(rowOf(history).starved).toBe(true)
    expect(rowOf([...history, { type: 'lease.paid', at: 2, tick: 1, paidSats: 1n }]).starved).toBe(false)
  })

  it.each([
    [{ type: 'lease.lapsed', at: 9, stage: 'negotiate', code: 'stage-timeout', culprit: 'peer-unreachable' }],
    [{ type: 'lease.refused', at: 9, code: 'too-expensive', culprit: 'provider', why: 'x' }],
    [{ type: 'lease.failed', at: 9, code: 'peer-unreachable', culprit: 'peer-unreachable', why: 'x' }],
  ] satisfies [LeaseFact][])('is over, with its reason and advice, after $type', (fact) => {
    const row = rowOf([sought(id), fact])
    expect(row.active).toBe(false)
    expect(row.end).toMatchObject({ code: fact.code, culprit: fact.culprit, at: 9 })
    expect(row.end!.next.length).toBeGreaterThan(0)
  })
})

describe('offers', () => {
  const before = toMetering(id).slice(0, 4)
  const counter = (wallHour: bigint): LeaseFact => ({ ...offered(id, wallHour), type: 'lease.countered' }) as LeaseFact

  it('has a row for each offer, and only the newest is open', () => {
    const rows = offersOf([...before, offered(id, 10n), counter(5n), offered(id, 7n)])
    expect(rows.map(({ id: key, status }) => [key, status])).toEqual([
      [`${id}.1`, 'replaced'],
      [`${id}.2`, 'open'],
    ])
    expect(rows[0]!.counterHourlyMsat).toBeLessThan(rows[0]!.hourlyMsat)
  })

  it('keeps what the provider says of itself, and what was seen, or neither', () => {
    const { availability, seen, ...silent } = offered(id) as Extract<LeaseFact, { type: 'lease.offered' }>
    const rows = offersOf([...before, offered(id), silent])
    expect(rows[0]).toMatchObject({ availability, seen })
    for (const field of ['availability', 'seen']) expect(rows[1]).not.toHaveProperty(field)
  })

  it('takes the agreed price', () => {
    const [row] = offersOf([...before, offered(id, 100n), counter(50n), agreed(id, 50n)])
    expect(row).toMatchObject({ status: 'agreed', hourlyMsat: row!.counterHourlyMsat })
  })

  it('stays agreed when the lease fails later', () => {
    const lapsed: LeaseFact = {
      type: 'lease.lapsed',
      at: 9,
      stage: 'provision',
      code: 'stage-timeout',
      culprit: 'peer-unreachable',
    }
    expect(offersOf([...before, offered(id), agreed(id), lapsed]).map((row) => row.status)).toEqual(['agreed'])
    expect(offersOf([...before, offered(id), { ...lapsed, stage: 'negotiate' }]).map((row) => row.status)).toEqual([
      'refused',
    ])
  })
})

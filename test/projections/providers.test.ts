import { describe, expect, it } from 'vitest'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { type ProviderRow, providers } from '../../projections/providers.ts'
import { fold } from './fold.ts'
import {
  AT,
  leaseIdNumber,
  metered,
  offered,
  PROVIDER,
  sought,
  termsOf,
  toMetering,
  toSettled,
} from './lease-history.ts'

const history = (...leases: readonly (readonly LeaseFact[])[]) =>
  fold(
    providers as never,
    leases.flatMap((facts, n) => facts.map((fact) => [`lease-${leaseIdNumber(n + 1)}`, fact as never] as const)),
  )
const rowOf = (...leases: readonly (readonly LeaseFact[])[]) => history(...leases).get(PROVIDER) as ProviderRow
const id = leaseIdNumber(1)

describe('what a publisher knows of a provider', () => {
  it('is what it offered, and how long it served for how much', () => {
    const row = rowOf([...toMetering(id), metered(id, 3), ...toSettled(7n)])
    expect(row).toMatchObject({
      id: PROVIDER,
      offers: 1,
      agreed: 1,
      served: 1,
      serving: {},
      servedMs: 20_001 - 7,
      paidSats: 7n,
      ends: { 'stopped-by-publisher': 1 },
      cpuMillis: 2_000,
      images: ['zennet/busybox:1'],
      bridge: false,
      lastAt: AT + 4,
    })
  })

  it('counts a lease as served while machine and money are there', () => {
    const facts = toMetering(id)
    expect(rowOf(facts.slice(0, -1))).toMatchObject({ served: 0, serving: {} })
    expect(rowOf(facts)).toMatchObject({ served: 1, serving: { [id]: AT + 7 }, servedMs: 0 })
  })

  it('takes price and machine from the newest offer, and remembers the most of the others', () => {
    const other: LeaseFact = {
      ...(offered(leaseIdNumber(2), 9n) as Extract<LeaseFact, { type: 'lease.offered' }>),
      at: AT + 99,
      terms: {
        ...termsOf(leaseIdNumber(2), 9n),
        image: 'b',
        machineNetwork: 'bridge',
        maxDurationMs: 5,
        resources: { cpuMillis: 1, memoryBytes: 1, diskBytes: 2 ** 40, pids: 1 },
      },
    }
    const third = [sought(leaseIdNumber(3)), { ...offered(leaseIdNumber(3)), at: AT + 100 } as LeaseFact]
    const row = rowOf([sought(id), offered(id)], [sought(leaseIdNumber(2)), other], third)
    expect(row).toMatchObject({
      offers: 3,
      images: ['zennet/busybox:1', 'b'],
      bridge: true,
      diskBytes: 2 ** 40,
      pids: 64,
      maxDurationMs: 3_600_000,
      price: { wallHour: 3_600_000n },
      firstAt: AT + 4,
      lastAt: AT + 100,
    })
  })

  it('counts failures by their codes, and keeps nothing of leases that are over', () => {
    const failed: LeaseFact = { type: 'lease.failed', at: AT + 9, code: 'machine-failed', culprit: 'host', why: 'w' }
    const rows = history([...toMetering(id).slice(0, 6), failed], [sought(leaseIdNumber(2)), failed])
    expect(rows.get(PROVIDER)).toMatchObject({ agreed: 1, served: 0, ends: { 'machine-failed': 1 } })
    expect([...rows.keys()]).toEqual([PROVIDER])
  })

  it('is nothing on the provider’s own node', () => {
    const own = { ...sought(id), side: 'provider' } as LeaseFact
    expect(history([own, ...toMetering(id).slice(1), ...toSettled(1n)]).size).toBe(0)
  })
})

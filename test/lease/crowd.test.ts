import { describe, expect, it } from 'vitest'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { eventually } from './eventually.ts'
import { inRig, type Rig, type RigOptions } from './rig.ts'

/** Far above what it takes on a busy machine. */
const WAIT = { limitMs: 160_000, lookMs: 300 }
/** Ticks are rare, so that the crowd is what is tested, and not how fast this machine is. */
const ORDER = { tickMs: 2_000, capacitySats: 2_000_000n }
const MIB = 2 ** 20
const SMALL = { cpuMillis: 100, memoryBytes: 16 * MIB, diskBytes: 16 * MIB, pids: 10 }

type Of<T> = Extract<LeaseFact, { type: T }>

/** By lease. */
const factsOf = async <T extends 'lease.agreed' | 'lease.paid' | 'lease.settled'>(
  who: Rig['publisher' | 'provider'],
  type: T,
) => {
  const found = new Map<string, Of<T>>()
  for (let at = 0; ; ) {
    const facts = await who.journal.readAll(at, { types: [type] })
    for (const { stream, fact } of facts) found.set(stream, fact as Of<T>)
    if (facts.length === 0) return found
    at = facts.at(-1)!.position
  }
}

/** All are rented, each pays, all are stopped at once, and both sides of each say what was paid. */
const crowd = (machines: number, options: Pick<RigOptions, 'providers'>) =>
  inRig(options, async ({ publisher, providers, mineUntil, node }) => {
    const soon = (what: string, holds: () => Promise<boolean>) => mineUntil(eventually(what, holds, WAIT))
    await publisher.rent({ body: { count: machines, resources: SMALL }, order: ORDER })
    await soon('all are paid for', async () => (await factsOf(publisher, 'lease.paid')).size === machines)
    const agreed = await factsOf(publisher, 'lease.agreed')
    expect(agreed.size).toBe(machines)
    const standing = (await Promise.all(providers.map((provider) => provider.machines.list()))).map(
      ({ length }) => length,
    )
    expect(standing).toEqual(providers.map(() => machines / providers.length))

    for (const { terms } of agreed.values()) await publisher.publisher.stopLease(terms.leaseId)
    const paid = async (who: Rig['publisher' | 'provider']) =>
      [...(await factsOf(who, 'lease.settled'))].map(([stream, { paidSats }]) => [stream, paidSats] as const)
    await soon('all are settled', async () => (await paid(publisher)).length === machines)
    const earned = async () => (await Promise.all(providers.map(paid))).flat()
    await soon('both sides know', async () => (await earned()).length === machines)
    expect(new Map(await earned())).toEqual(new Map(await paid(publisher)))
    await eventually(
      'no machine is left',
      async () => (await Promise.all(providers.map((provider) => provider.machines.list()))).flat().length === 0,
    )
    expect((await node.tip()).height).toBeGreaterThan(0)
  })

describe('a crowd', { timeout: 2 * WAIT.limitMs }, () => {
  it(
    'of 50 providers lends 200 machines to one publisher, who pays each what it served',
    crowd(200, { providers: Array.from({ length: 50 }, () => ({ policy: { maxLeases: 4 } })) }),
  )

  it(
    'of 1,000 leases is served by one provider',
    crowd(1_000, {
      providers: [
        {
          policy: { maxLeases: 1_000 },
          total: { cpuMillis: 100_000, memoryBytes: 16_000 * MIB, diskBytes: 16_000 * MIB, pids: 10_000 },
        },
      ],
    }),
  )
})

import { expect, it } from 'vitest'
import { NO_USAGE } from '../../../domain/usage.ts'
import { plan, rent } from '../found/plans.ts'
import type { Plan, Rent } from '../plan.ts'
import type { Check } from '../violation.ts'
import { NETWORK, World } from '../world.ts'
import { agreement } from './agreement.ts'
import { CHECKS } from './all.ts'
import { budget } from './budget.ts'
import { coins } from './coins.ts'
import { culprits } from './culprits.ts'
import { data } from './data.ts'
import { ending } from './ending.ts'
import { providerExposure, publisherExposure } from './exposure.ts'
import { machines } from './machines.ts'
import { pauses } from './pauses.ts'
import { standing } from './standing.ts'
import { terms } from './terms.ts'

const LATER_MS = 6_000
const stop = { atMs: 15_000, by: 'publisher' } as const
const pausing: Rent = {
  ...rent,
  maxPauseMs: 60_000,
  asks: [{ kind: 'pause', atMs: LATER_MS, by: 'publisher', forMs: 20_000 }],
}

type Bug = {
  readonly says: string
  readonly check: Check
  readonly in?: Partial<Plan>
  /** Breaks a part of the world. */
  readonly plant: (world: World) => void
}

const host = (world: World) => world.node('provider-0').world.machines!
const replace = <T extends object>(target: T, change: Partial<T>): void => void Object.assign(target, change)

/** A driver whose calls do what they are told, but for one. */
const idleDriver = (world: World, name: 'freeze' | 'remove'): void => {
  const machineHost = host(world)
  const driver = machineHost.driver.bind(machineHost)
  replace(machineHost, { driver: (life) => ({ ...driver(life), [name]: async () => {} }) })
}

/** Each breaks what one check is there for: a check that has never failed is not known to check. */
const BUGS: readonly Bug[] = [
  {
    says: 'a chain that makes a coin too much',
    check: coins,
    plant: ({ chain }) => replace(chain, { network: { ...NETWORK, subsidy: NETWORK.subsidy + 1n } }),
  },
  {
    says: 'a payment to nobody',
    check: coins,
    plant: ({ chain, timeline }) =>
      timeline.after(LATER_MS, () =>
        chain.mine([{ value: 5_000n, script: new Uint8Array([0, 20, ...Array(20).fill(7)]) }]),
      ),
  },
  {
    says: 'a coin that is gone from the chain',
    check: coins,
    plant: ({ chain, timeline }) =>
      timeline.after(LATER_MS, () => {
        for (const [key, { value }] of chain.coins) if (value === 1_000_000n) return void chain.coins.delete(key)
      }),
  },
  {
    says: 'a provider that is paid for what it did not serve',
    check: publisherExposure,
    plant: (world) => replace(host(world), { usage: () => NO_USAGE }),
  },
  {
    says: 'a driver that does not freeze',
    check: providerExposure,
    in: { rents: [{ ...rent, tickMs: 2_000 }], hostile: [{ node: 'publisher-0', kind: 'signs-no-more', after: 2 }] },
    plant: (world) => idleDriver(world, 'freeze'),
  },
  {
    says: 'a lease that is served on, with its funding in no block',
    check: providerExposure,
    in: { minutes: 2, rents: [{ ...rent, tickMs: 500 }] },
    plant: ({ truth }) => {
      const take = truth.take.bind(truth)
      replace(truth, {
        take: (...args) => {
          const written = take(...args)
          for (const { account } of written) account.since.delete('channel.opened')
          return written
        },
      })
    },
  },
  {
    says: 'a disk that acknowledges what it has not written',
    check: agreement,
    plant: ({ disks }) => replace(disks.get('publisher-0')!, { lies: true }),
  },
  {
    says: 'a log with other terms than were signed',
    check: terms,
    in: { rents: [{ ...rent, stop, asks: [{ kind: 'change', atMs: LATER_MS, by: 'publisher', what: 'longer' }] }] },
    plant: ({ truth }) => {
      const take = truth.take.bind(truth)
      replace(truth, {
        take: (node, ...rest) => {
          const written = take(node, ...rest)
          for (const { account, fact, before } of written)
            if (fact.type === 'lease.changed' && node === 'publisher-0') account.lease = before
          return written
        },
      })
    },
  },
  {
    says: 'a driver that does not freeze in a pause',
    check: pauses,
    in: { rents: [pausing] },
    plant: (world) => idleDriver(world, 'freeze'),
  },
  {
    says: 'a pause that is billed as dear as if it were twice as long',
    check: pauses,
    in: { rents: [pausing] },
    plant: ({ truth }) => {
      const take = truth.take.bind(truth)
      replace(truth, {
        take: (...args) =>
          take(...args).map((written) =>
            written.fact.type === 'lease.metered'
              ? { ...written, fact: { ...written.fact, owedMsat: written.fact.owedMsat + 50_000n } }
              : written,
          ),
      })
    },
  },
  {
    says: 'a machine that is gone before its data was fetched',
    check: data,
    in: { rents: [{ ...rent, stop, dataGraceMs: 20_000 }] },
    plant: (world) => {
      const machineHost = host(world)
      const driver = machineHost.driver.bind(machineHost)
      const seal = () => Promise.reject(new Error('a mistake'))
      replace(machineHost, { driver: (life) => ({ ...driver(life), seal }) })
    },
  },
  {
    says: 'a budget that counts what nobody has signed',
    check: budget,
    in: { rents: [{ ...rent, stop }] },
    plant: (world) =>
      world.timeline.after(LATER_MS, () =>
        world.node('publisher-0').running?.publisher?.spending.spend('nobody', { from: 0n, to: 5n }),
      ),
  },
  {
    says: 'a driver that does not remove',
    check: machines,
    in: { rents: [{ ...rent, stop: { atMs: LATER_MS, by: 'publisher' } }] },
    plant: (world) => idleDriver(world, 'remove'),
  },
  {
    says: 'a bill too high, by nobody who is known to cheat',
    check: culprits,
    in: { hostile: [{ node: 'provider-0', kind: 'over-bills', after: 2 }] },
    plant: (world) => replace(world.plan as { hostile: Plan['hostile'] }, { hostile: [] }),
  },
  {
    says: 'a store that fails as nothing should',
    check: standing,
    plant: ({ disks }) => {
      const disk = disks.get('provider-0')!
      const open = disk.open.bind(disk)
      let left = 30
      replace(disk, {
        open: (life) => {
          const store = open(life)
          const change: typeof store.change = (one) =>
            left-- > 0 ? store.change(one) : Promise.reject(new TypeError('a mistake'))
          return { ...store, change }
        },
      })
    },
  },
  {
    says: 'a chain without blocks',
    check: ending,
    plant: ({ chain, timeline }) => timeline.after(LATER_MS, () => replace(chain, { mine: () => {} })),
  },
]

it.each(BUGS)('$check.name notices $says', async ({ check, in: part = {}, plant }) => {
  const outcome = await new World(plan(part), { checks: [check], prepare: plant }).run()
  expect(outcome.violation?.check).toBe(check.name)
})

it('every check has a bug that it notices', () => {
  expect(new Set(BUGS.map(({ check }) => check))).toEqual(new Set(CHECKS))
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { larger, MSAT_PER_SAT, satsForMsat, smaller } from '../../../domain/money.ts'
import {
  bill,
  coversFloor,
  fullUseMsat,
  hourlyMsat,
  mapPrice,
  owedMsat,
  PRICE_KEYS,
  scalePrice,
} from '../../../domain/price.ts'
import { mapUsage, NO_USAGE, possibleUsage, USAGE_KEYS } from '../../../domain/usage.ts'

const RESOURCES = { cpuMillis: 1_500, memoryBytes: 2 ** 30, diskBytes: 2 ** 31, pids: 64 }
const FREE = mapPrice(() => 0n)
const HOUR_US = 3_600_000_000n
const GIB = 1n << 30n

const amount = fc.bigInt({ min: 0n, max: 10n ** 12n })
const prices = fc.tuple(...PRICE_KEYS.map(() => amount)).map((all) => mapPrice((key) => all[PRICE_KEYS.indexOf(key)]!))
const usages = fc
  .tuple(...USAGE_KEYS.map(() => fc.bigInt({ min: 0n, max: 10n ** 16n })))
  .map((all) => mapUsage((key) => all[USAGE_KEYS.indexOf(key)]!))

/** One natural unit of each counter, and the price that it is billed at. */
const NATURAL: readonly (readonly [(typeof PRICE_KEYS)[number], (typeof USAGE_KEYS)[number], bigint])[] = [
  ['wallHour', 'wallUs', HOUR_US],
  ['cpuHour', 'cpuUs', HOUR_US],
  ['memGiBHour', 'memByteSeconds', GIB * 3_600n],
  ['diskGiBHour', 'diskByteSeconds', GIB * 3_600n],
  ['ioReadGiB', 'ioReadBytes', GIB],
  ['ioWriteGiB', 'ioWriteBytes', GIB],
  ['netRxGiB', 'netRxBytes', GIB],
  ['netTxGiB', 'netTxBytes', GIB],
]

describe('a price', () => {
  it('has every component in its list of keys', () => {
    expect([...PRICE_KEYS].sort()).toEqual(['startMsat', ...NATURAL.map(([item]) => item)].sort())
    expect(NATURAL.map(([, counter]) => counter).sort()).toEqual([...USAGE_KEYS].sort())
  })

  it.each(NATURAL)('%s is for one natural unit of %s', (item, counter, unit) => {
    const price = { ...FREE, [item]: 777n }
    expect(owedMsat(price, { ...NO_USAGE, [counter]: unit })).toBe(777n)
    expect(owedMsat(price, { ...NO_USAGE, [counter]: unit - 1n })).toBe(776n)
    for (const other of USAGE_KEYS)
      if (other !== counter) expect(owedMsat(price, { ...NO_USAGE, [other]: unit })).toBe(0n)
  })

  it('asks for the start once, whatever is used', () => {
    expect(owedMsat({ ...FREE, startMsat: 5n }, NO_USAGE)).toBe(5n)
    fc.assert(fc.property(usages, (usage) => void expect(owedMsat({ ...FREE, startMsat: 5n }, usage)).toBe(5n)))
  })

  it('is owed as the sum of the lines of its bill, each of which can be recomputed', () => {
    fc.assert(
      fc.property(prices, usages, (price, usage) => {
        const lines = bill(price, usage)
        expect(lines.map(({ item }) => item)).toEqual(['startMsat', ...NATURAL.map(([item]) => item)])
        expect(lines.reduce((sum, line) => sum + line.msat, 0n)).toBe(owedMsat(price, usage))
        for (const [item, counter, unit] of NATURAL) {
          const line = lines.find((each) => each.item === item)
          const msat = (price[item] * usage[counter]) / unit
          expect(line).toEqual({ item, used: usage[counter], price: price[item], msat })
        }
      }),
    )
  })

  it('never falls when any counter rises', () => {
    fc.assert(
      fc.property(prices, usages, fc.constantFrom(...USAGE_KEYS), amount, (price, usage, key, more) => {
        const then = owedMsat(price, { ...usage, [key]: usage[key] + more })
        expect(then >= owedMsat(price, usage)).toBe(true)
      }),
    )
  })

  it('never falls when any component rises', () => {
    fc.assert(
      fc.property(prices, usages, fc.constantFrom(...PRICE_KEYS), amount, (price, usage, key, more) => {
        const dearer = { ...price, [key]: price[key] + more }
        expect(owedMsat(dearer, usage) >= owedMsat(price, usage)).toBe(true)
      }),
    )
  })

  it('is linear in what is used, but for less than one msat a line', () => {
    fc.assert(
      fc.property(prices, usages, usages, (price, a, b) => {
        const both = owedMsat(
          price,
          mapUsage((key) => a[key] + b[key]),
        )
        const apart = owedMsat(price, a) + owedMsat(price, b) - price.startMsat
        expect(both >= apart && both - apart <= BigInt(NATURAL.length)).toBe(true)
      }),
    )
  })

  it('is exactly linear in whole units', () => {
    fc.assert(
      fc.property(prices, fc.bigInt({ min: 0n, max: 10_000n }), (price, n) => {
        const usage = mapUsage((key) => n * NATURAL.find(([, counter]) => counter === key)![2])
        const sum = NATURAL.reduce((total, [item]) => total + price[item], 0n)
        expect(owedMsat(price, usage)).toBe(price.startMsat + n * sum)
      }),
    )
  })

  it('scales each component, rounded down', () => {
    fc.assert(
      fc.property(
        prices,
        fc.bigInt({ min: 1n, max: 1_000n }),
        fc.bigInt({ min: 1n, max: 1_000n }),
        (price, up, down) => {
          const scaled = scalePrice(price, up, down)
          for (const key of PRICE_KEYS) {
            expect(scaled[key] * down <= price[key] * up).toBe(true)
            expect((scaled[key] + 1n) * down > price[key] * up).toBe(true)
          }
          expect(scalePrice(price, up, up)).toEqual(price)
        },
      ),
    )
  })

  it('covers a floor when no component is below it', () => {
    fc.assert(
      fc.property(prices, fc.constantFrom(...PRICE_KEYS), (price, key) => {
        expect(coversFloor(price, price)).toBe(true)
        expect(coversFloor({ ...price, [key]: price[key] + 1n }, price)).toBe(true)
        expect(coversFloor(price, { ...price, [key]: price[key] + 1n })).toBe(false)
      }),
    )
  })

  it('for a floor that it covers asks no less', () => {
    fc.assert(
      fc.property(prices, prices, usages, (floor, more, usage) => {
        const price = mapPrice((key) => floor[key] + more[key])
        expect(coversFloor(price, floor)).toBe(true)
        expect(owedMsat(price, usage) >= owedMsat(floor, usage)).toBe(true)
        expect(hourlyMsat(price, RESOURCES) >= hourlyMsat(floor, RESOURCES)).toBe(true)
      }),
    )
  })

  it('of an hour is that of the whole machine, without start and traffic', () => {
    const price = mapPrice(() => 1_000n)
    // 1 h wall, 1.5 h CPU, 1 GiB·h memory, 2 GiB·h disk.
    expect(hourlyMsat(price, RESOURCES)).toBe(5_500n)
    expect(
      hourlyMsat({ ...price, startMsat: 9n, netRxGiB: 9n, netTxGiB: 9n, ioReadGiB: 9n, ioWriteGiB: 9n }, RESOURCES),
    ).toBe(5_500n)
  })

  it('of full use is above whatever the machine can use without traffic', () => {
    const none = { ioBytesPerS: 0n, netBytesPerS: 0n }
    fc.assert(
      fc.property(
        prices,
        fc.bigInt({ min: 0n, max: HOUR_US }),
        fc.bigInt({ min: 0n, max: 100n }),
        (price, wallUs, part) => {
          const possible = possibleUsage(RESOURCES, none, wallUs)
          const used = mapUsage((key) => (possible[key] * part) / 100n)
          expect(owedMsat(price, used) - price.startMsat <= fullUseMsat(price, RESOURCES, wallUs)).toBe(true)
        },
      ),
    )
    expect(fullUseMsat(FREE, RESOURCES, HOUR_US)).toBe(0n)
  })
})

describe('money', () => {
  it('pays a debt in msat with the next whole sat', () => {
    expect([0n, 1n, 999n, 1_000n, 1_001n].map(satsForMsat)).toEqual([0n, 1n, 1n, 1n, 2n])
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 20n }), (msat) => {
        const paid = satsForMsat(msat) * MSAT_PER_SAT
        expect(paid >= msat && paid - msat < MSAT_PER_SAT).toBe(true)
      }),
    )
  })

  it('knows the larger and the smaller', () => {
    fc.assert(
      fc.property(amount, amount, (a, b) => {
        expect(larger(a, b) + smaller(a, b)).toBe(a + b)
        expect(larger(a, b) >= smaller(a, b)).toBe(true)
      }),
    )
  })
})

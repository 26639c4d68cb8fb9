import { describe, expect, it } from 'vitest'
import { NO_USAGE, type UsageVector } from '../../domain/usage.ts'
import type { MachineCounters } from '../../src/machine/port.ts'
import { ZERO_COUNTERS } from '../../src/meter/cumulative.ts'
import { openUsageMeter } from '../../src/meter/usage-meter.ts'

const RESOURCES = { cpuMillis: 500, memoryBytes: 1000, diskBytes: 2000, pids: 10 }
const CAPS = { ioBytesPerS: 100n, netBytesPerS: 50n }
const SECOND_US = 1_000_000

const bench = (base: UsageVector = NO_USAGE) => {
  const world = { atUs: 0, counters: ZERO_COUNTERS as MachineCounters, rxBytes: 0n, txBytes: 0n }
  const clock = { now: () => 0, steadyUs: () => world.atUs, sleep: async () => {} }
  const meter = openUsageMeter({
    counters: async () => world.counters,
    traffic: () => ({ rxBytes: world.rxBytes, txBytes: world.txBytes }),
    clock,
    resources: RESOURCES,
    caps: CAPS,
    base,
  })
  const pass = (us: number, counters: Partial<MachineCounters> = {}) => {
    world.atUs += us
    world.counters = { ...world.counters, ...counters }
  }
  return { meter, pass, world }
}

describe('a usage meter', () => {
  it('counts from the moment it is resumed, not before', async () => {
    const { meter, pass } = bench()
    pass(5 * SECOND_US, { cpuUs: 900_000n })
    expect(await meter.sample()).toEqual(NO_USAGE)
    await meter.resume()
    pass(SECOND_US, { cpuUs: 1_000_000n })
    expect(await meter.sample()).toMatchObject({ wallUs: 1_000_000n, cpuUs: 100_000n })
  })

  it('stands still while it is paused', async () => {
    const { meter, pass } = bench()
    await meter.resume()
    pass(SECOND_US, { cpuUs: 10n })
    const paused = await meter.pause()
    expect(paused).toMatchObject({ wallUs: 1_000_000n, cpuUs: 10n })
    pass(60 * SECOND_US, { cpuUs: 5_000n })
    expect(await meter.sample()).toEqual(paused)
    expect(await meter.pause()).toEqual(paused)
    await meter.resume()
    pass(SECOND_US, { cpuUs: 5_007n })
    expect(await meter.sample()).toMatchObject({ wallUs: 2_000_000n, cpuUs: 17n })
  })

  it('resumed twice, loses nothing in between', async () => {
    const { meter, pass } = bench()
    await meter.resume()
    pass(SECOND_US, { cpuUs: 10n })
    await meter.resume()
    pass(SECOND_US, { cpuUs: 20n })
    expect(await meter.sample()).toMatchObject({ wallUs: 2_000_000n, cpuUs: 20n })
  })

  it('goes on from what was billed before, and bills nothing of what ran unmetered', async () => {
    const { meter, pass } = bench({ ...NO_USAGE, wallUs: 7_000_000n, cpuUs: 1_000n })
    pass(SECOND_US, { cpuUs: 400_000n })
    await meter.resume()
    pass(SECOND_US, { cpuUs: 400_005n })
    expect(await meter.sample()).toMatchObject({ wallUs: 8_000_000n, cpuUs: 1_005n })
  })

  it('takes counters that restart at zero for a new start, never for a fall', async () => {
    const { meter, pass } = bench()
    await meter.resume()
    pass(SECOND_US, { cpuUs: 300_000n })
    const before = await meter.sample()
    pass(SECOND_US, { cpuUs: 0n })
    expect((await meter.sample()).cpuUs).toBe(before.cpuUs)
    pass(SECOND_US, { cpuUs: 40n })
    expect((await meter.sample()).cpuUs).toBe(before.cpuUs + 40n)
  })

  it('gives away what is above the agreed limits, and never bills it later', async () => {
    const { meter, pass, world } = bench()
    await meter.resume()
    world.txBytes = 1_000n
    pass(SECOND_US, { cpuUs: 900_000n, ioReadBytes: 1_000n, memoryBytes: 5_000n, diskBytes: 9_000n })
    const most = {
      cpuUs: 500_000n,
      ioReadBytes: 100n,
      netTxBytes: 50n,
      memByteSeconds: 1_000n,
      diskByteSeconds: 2_000n,
    }
    expect(await meter.sample()).toMatchObject(most)
    pass(SECOND_US, { memoryBytes: 0n, diskBytes: 0n })
    expect(await meter.sample()).toMatchObject(most)
  })

  it('counts the shell’s bytes with the machine’s own', async () => {
    const { meter, pass, world } = bench()
    await meter.resume()
    world.rxBytes = 5n
    world.txBytes = 7n
    pass(SECOND_US, { netRxBytes: 1n, netTxBytes: 2n })
    expect(await meter.sample()).toMatchObject({ netRxBytes: 6n, netTxBytes: 9n })
  })

  it('loses no byte·second to short ticks', async () => {
    const { meter, pass } = bench()
    pass(0, { memoryBytes: 3n, diskBytes: 1n })
    await meter.resume()
    for (let i = 0; i < 1_000; i++) {
      pass(1_000)
      await meter.sample()
    }
    expect(await meter.sample()).toMatchObject({ wallUs: 1_000_000n, memByteSeconds: 3n, diskByteSeconds: 1n })
  })
})

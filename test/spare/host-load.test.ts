import { describe, expect, it } from 'vitest'
import { busyUs, memoryFree, memoryStall, openHostLoad } from '../../src/spare/host-load.ts'

describe('what the kernel says', () => {
  it('is busy with all but idling, waiting, and what other guests stole', () => {
    const stat = 'cpu  100 20 30 4000 500 6 7 80 90 10\ncpu0 50 10 15 2000 250 3 3 40 45 5\nintr 1\n'
    expect(busyUs(stat)).toBe((100 + 20 + 30 + 6 + 7) * 10_000)
    expect(busyUs('')).toBe(0)
  })

  it('has stalls of memory in percent', () => {
    const pressure =
      'some avg10=12.50 avg60=1.00 avg300=0.00 total=1\nfull avg10=99.00 avg60=0.00 avg300=0.00 total=0\n'
    expect(memoryStall(pressure)).toBeCloseTo(0.125)
    expect(memoryStall('')).toBe(0)
  })

  it('has memory to be had, or does not say', () => {
    expect(memoryFree('MemTotal:       1000 kB\nMemFree:  1 kB\nMemAvailable:    250 kB\n')).toBe(0.25)
    expect(memoryFree('')).toBe(1)
  })
})

describe('the load of this host', () => {
  it('needs two looks, and does not count what is not the owner’s', async () => {
    let [nowUs, ownUs] = [0, 0]
    const look = openHostLoad(
      () => nowUs,
      async () => ownUs,
    )
    expect(await look()).toBeUndefined()
    expect(await look()).toBeUndefined()
    nowUs = 1_000_000
    ownUs = Number.MAX_SAFE_INTEGER
    expect(await look()).toMatchObject({ ownerCores: 0 })
    nowUs = 2_000_000
    ownUs = 0
    const seen = await look()
    expect(seen?.cores).toBeGreaterThan(0)
    expect(seen?.ownerCores).toBeGreaterThanOrEqual(0)
    expect(seen?.memoryFree).toBeGreaterThan(0)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asertTarget, type HeaderAt, nextBits } from '../../../domain/chain/difficulty.ts'
import { type Network, networkNamed } from '../../../domain/chain/network.ts'
import { bitsOf, targetOf, workOf } from '../../../domain/chain/pow.ts'

const LIMIT = 0xffffn << 208n
const BITCOIN: Network = {
  ...networkNamed('regtest'),
  powLimitBits: 0x1d00ffff,
  difficulty: { kind: 'retarget', blocks: 2016 },
}

describe("Bitcoin's rule of 2,016 blocks", () => {
  // Bitcoin Core, src/test/pow_tests.cpp: real retargets, and the two limits.
  it.each([
    ['an easier and then a harder time', 32256, 1261130161, 1262152739, 0x1d00ffff, 0x1d00d86a],
    ['the easiest target', 2016, 1231006505, 1233061996, 0x1d00ffff, 0x1d00ffff],
    ['a quarter at most', 68544, 1279008237, 1279297671, 0x1c05a3f4, 0x1c0168fd],
    ['four times at most', 46368, 1263163443, 1269211443, 0x1c387f6f, 0x1d00e1fd],
  ])('%s', (_, height, firstTime, lastTime, bits, expected) => {
    const headerAt: HeaderAt = (at) => {
      if (at === height - 2016) return { time: firstTime, bits }
      if (at === height - 1) return { time: lastTime, bits }
      throw new RangeError(`not asked for: ${at}`)
    }
    expect(nextBits(BITCOIN, height, headerAt)).toBe(expected)
  })

  it('between them the target stays', () => {
    expect(nextBits(BITCOIN, 2017, () => ({ time: 0, bits: 0x1c05a3f4 }))).toBe(0x1c05a3f4)
  })
})

describe('ASERT (aserti3-2d)', () => {
  const DAY = 144
  const limit = (1n << 224n) - 1n
  const asert = (anchorTarget: bigint, elapsedS: number, blocks: number): bigint =>
    asertTarget({ anchorTarget, spacingS: 600, elapsedS: 600 + elapsedS, blocks, limit, halfLifeS: 2 * 24 * 3600 })

  // Bitcoin ABC and Bitcoin Cash Node, src/test/pow_tests.cpp, calculate_asert_test: target, seconds, blocks, target, compact.
  it.each<[bigint, number, number, bigint, number]>([
    [limit, 0, 2 * DAY, limit >> 1n, 0x1c7fffff],
    [limit, 0, 4 * DAY, limit >> 2n, 0x1c3fffff],
    [limit >> 1n, 0, 2 * DAY, limit >> 2n, 0x1c3fffff],
    [limit >> 2n, 0, 2 * DAY, limit >> 3n, 0x1c1fffff],
    [limit >> 3n, 0, 2 * DAY, limit >> 4n, 0x1c0fffff],
    [limit, 0, 2 * (256 - 34) * DAY, 3n, 0x01030000],
    [limit, 0, 2 * (256 - 34) * DAY + 119, 3n, 0x01030000],
    [limit, 0, 2 * (256 - 34) * DAY + 120, 2n, 0x01020000],
    [limit, 0, 2 * (256 - 33) * DAY - 1, 2n, 0x01020000],
    [limit, 0, 2 * (256 - 33) * DAY, 1n, 0x01010000],
    [limit, 0, 2 * (256 - 32) * DAY, 1n, 0x01010000],
    [1n, 0, 2 * (256 - 32) * DAY, 1n, 0x01010000],
    [limit, 2 * (512 - 32) * DAY, 0, limit, 0x1d00ffff],
    [1n, (512 - 64) * DAY * 600, 0, limit, 0x1d00ffff],
    [limit, 300, 1, BigInt(`0xffb1${'f'.repeat(52)}`), 0x1d00ffb1],
    [BigInt(`0x8000000000000000000f${'f'.repeat(36)}`), 600 * 2 * 33 * DAY, 0, limit, 0x1d00ffff],
    [1n, 600 * 2 * 256 * DAY, 0, limit, 0x1d00ffff],
    [1n, 600 * 2 * 224 * DAY - 1, 0, 0xffff8n << 204n, 0x1d00ffff],
  ])('%#: the published target', (anchor, elapsedS, blocks, target, bits) => {
    expect(asert(anchor, elapsedS, blocks)).toBe(target)
    expect(bitsOf(target)).toBe(bits)
  })

  // aserti3-2d test vectors, run 5: anchor 1 at the limit with parent time 0, no time passes, two days of blocks at each step.
  it.each([
    [1, 0x1d00fec5],
    [2, 0x1c7f62c0],
    [3, 0x1c3fb160],
    [4, 0x1c1fd8b0],
    [9, 0x1c00fec5],
    [105, 0x1000fec5],
    [209, 0x0300fec5],
    [210, 0x027f6200],
    [217, 0x0200fe00],
    [221, 0x010f0000],
    [224, 0x01010000],
    [225, 0x01010000],
  ])('run 5, step %i', (step, bits) => {
    const height = 2 + 288 * (step - 1)
    const target = asertTarget({
      anchorTarget: LIMIT,
      spacingS: 600,
      elapsedS: 0,
      blocks: height - 1,
      limit: LIMIT,
      halfLifeS: 2 * 24 * 3600,
    })
    expect(bitsOf(target)).toBe(bits)
  })

  it('on schedule stays, a half-life behind doubles, one ahead halves', () => {
    const xencoin = networkNamed('xencoin')
    const bits = 0x1d00ffff
    const after = (tipTime: number): bigint =>
      targetOf(nextBits(xencoin, 102, (at) => ({ time: at === 1 ? 1_000_000 : tipTime, bits }))) as bigint
    const onTime = 1_000_000 + 100 * 15
    expect(after(onTime)).toBe(targetOf(bits))
    expect(after(onTime + 600)).toBe((targetOf(bits) as bigint) * 2n)
    expect(after(onTime - 600)).toBe((targetOf(bits) as bigint) / 2n)
    expect(after(onTime + 600 * 500)).toBe(targetOf(xencoin.powLimitBits))
  })

  it('never leaves the range of targets, and longer waiting never makes it harder', () => {
    const time = fc.integer({ min: 0, max: 0xffffffff })
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: LIMIT }), time, time, fc.nat(50_000_000), (anchorTarget, a, b, blocks) => {
        const at = (elapsedS: number) =>
          asertTarget({ anchorTarget, spacingS: 15, elapsedS, blocks, limit: LIMIT, halfLifeS: 600 })
        const [sooner, later] = [at(Math.min(a, b)), at(Math.max(a, b))]
        expect(sooner >= 1n && later <= LIMIT && sooner <= later).toBe(true)
      }),
    )
  })

  it('finds its way back after a tenth of the hash rate is left', () => {
    const xencoin = networkNamed('xencoin')
    const headers = [0, 1].map((time) => ({ time, bits: 0x1d00ffff }))
    const hashesPerS = (height: number) => Number(workOf(0x1d00ffff)) / 15 / (height > 300 ? 10 : 1)
    for (let height = 2; height < 1_000; height++) {
      const bits = nextBits(xencoin, height, (at) => headers[at] as { time: number; bits: number })
      const tookS = Number(workOf(bits)) / hashesPerS(height)
      headers.push({ bits, time: (headers.at(-1) as { time: number }).time + Math.max(1, Math.round(tookS)) })
    }
    const last = headers.slice(-20) as { time: number }[]
    const meanS = ((last.at(-1) as { time: number }).time - (last[0] as { time: number }).time) / 19
    expect(Math.abs(meanS - 15)).toBeLessThan(2)
  })
})

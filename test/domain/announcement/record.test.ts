import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AnnouncementRecord,
  decodeRecord,
  encodeRecord,
  RECORD_BYTES,
} from '../../../domain/announcement/record.ts'
import { fromHex, toHex } from '../../../domain/bytes.ts'
import { isNullData, nullData } from '../../../domain/chain/script.ts'
import { ISOLATIONS } from '../../../domain/resources.ts'

const RECORD: AnnouncementRecord = {
  isolation: 'container',
  count: 3,
  cpuMillis: 2_500,
  memoryMiB: 4_096,
  diskGiB: 20,
  maxHourlyMsat: 0x0102_0304_0506n,
  expiryHeight: 840_000,
  host: '203.0.113.7',
  port: 4_001,
  bodyHash: new Uint8Array(32).fill(0xab),
}

/** Written out by hand from the table in the record's docstring: a change of layout needs a new version. */
const VECTOR = [
  '5a4e01010200030000',
  '09c40000100000140102030405060',
  '00cd140',
  '00000000000000000000ffffcb007107',
  '0fa1',
  'ab'.repeat(32),
].join('')

const group = fc.integer({ min: 0, max: 0xffff })
const ipv4 = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 }).map((bytes) => bytes.join('.'))
const ipv6 = fc
  .array(group, { minLength: 8, maxLength: 8 })
  .filter((groups) => groups.slice(0, 5).some((each) => each !== 0))
  .map((groups) => groups.map((each) => each.toString(16)).join(':'))
const records: fc.Arbitrary<AnnouncementRecord> = fc.record({
  isolation: fc.constantFrom(...ISOLATIONS),
  count: fc.integer({ min: 1, max: 0xffff }),
  cpuMillis: fc.integer({ min: 1, max: 0xffffffff }),
  memoryMiB: fc.integer({ min: 0, max: 0xffffffff }),
  diskGiB: fc.integer({ min: 0, max: 0xffff }),
  maxHourlyMsat: fc.bigInt({ min: 0n, max: (1n << 48n) - 1n }),
  expiryHeight: fc.integer({ min: 0, max: 0xffffffff }),
  host: fc.oneof(ipv4, ipv6),
  port: fc.integer({ min: 1, max: 0xffff }),
  bodyHash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
})

describe('the record of an announcement', () => {
  it('is these bytes', () => {
    expect(toHex(encodeRecord(RECORD))).toBe(VECTOR)
    expect(decodeRecord(fromHex(VECTOR))).toEqual(RECORD)
  })

  it('is read as it was written, and always 77 bytes', () => {
    fc.assert(
      fc.property(records, (record) => {
        const bytes = encodeRecord(record)
        expect(bytes).toHaveLength(RECORD_BYTES)
        expect(decodeRecord(bytes)).toEqual(record)
      }),
    )
  })

  it('fits an output that every network relays', () => {
    const script = nullData(encodeRecord(RECORD))
    expect(isNullData(script)).toEqual(encodeRecord(RECORD))
    expect(script.length).toBeLessThanOrEqual(83)
  })

  it('is read out of a larger buffer too, and does not change with it', () => {
    const buffer = new Uint8Array(100)
    buffer.set(encodeRecord(RECORD), 10)
    const read = decodeRecord(buffer.subarray(10, 10 + RECORD_BYTES))
    buffer.fill(0)
    expect(read).toEqual(RECORD)
  })

  it.each<[string, Partial<AnnouncementRecord>]>([
    ['no machine', { count: 0 }],
    ['too many machines', { count: 0x1_0000 }],
    ['half a machine', { count: 1.5 }],
    ['no CPU', { cpuMillis: 0 }],
    ['too much CPU', { cpuMillis: 2 ** 32 }],
    ['memory below zero', { memoryMiB: -1 }],
    ['too much memory', { memoryMiB: 2 ** 32 }],
    ['memory that is no number', { memoryMiB: Number.NaN }],
    ['too much disk', { diskGiB: 0x1_0000 }],
    ['endless disk', { diskGiB: Number.POSITIVE_INFINITY }],
    ['a price below zero', { maxHourlyMsat: -1n }],
    ['a price of 49 bits', { maxHourlyMsat: 1n << 48n }],
    ['a height below zero', { expiryHeight: -1 }],
    ['a height of 33 bits', { expiryHeight: 2 ** 32 }],
    ['no port', { port: 0 }],
    ['too high a port', { port: 65_536 }],
    ['an unknown isolation', { isolation: 'lock' as never }],
    ['a short hash', { bodyHash: new Uint8Array(31) }],
    ['a long hash', { bodyHash: new Uint8Array(33) }],
  ])('does not hold %s', (_what, change) => {
    expect(() => encodeRecord({ ...RECORD, ...change })).toThrow(RangeError)
  })

  it.each([
    ['::', '0:0:0:0:0:0:0:0'],
    ['::1', '0:0:0:0:0:0:0:1'],
    ['fe80::1:2', 'fe80:0:0:0:0:0:1:2'],
    ['2001:DB8::', '2001:db8:0:0:0:0:0:0'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['::ffff:102:304', '1.2.3.4'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
  ])('takes the host %s for %s', (host, read) => {
    expect(decodeRecord(encodeRecord({ ...RECORD, host }))?.host).toBe(read)
  })

  it.each([
    '',
    'localhost',
    'example.org',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '1.2.3.-4',
    '1.2.3.',
    ' 1.2.3.4',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    ':::',
    ':1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8::',
    'g::1',
    '12345::1',
    '[::1]',
    'fe80::1%eth0',
  ])('does not take the host %j', (host) => {
    expect(() => encodeRecord({ ...RECORD, host })).toThrow(RangeError)
  })

  it('takes or refuses any host, with a RangeError', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f:.]{0,40}$/)), (host) => {
        try {
          const read = decodeRecord(encodeRecord({ ...RECORD, host }))
          expect(encodeRecord(read!)).toEqual(encodeRecord({ ...RECORD, host }))
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
    )
  })
})

describe('other data on the chain', () => {
  const bytes = encodeRecord(RECORD)
  const changed = (at: number, ...to: number[]): Uint8Array => {
    const copy = Uint8Array.from(bytes)
    copy.set(to, at)
    return copy
  }

  it.each([
    ['nothing', new Uint8Array()],
    ['a byte too few', bytes.subarray(0, 76)],
    ['a byte too many', Uint8Array.from([...bytes, 0])],
    ['another magic', changed(0, 0x5b)],
    ['another version', changed(2, 2)],
    ['another kind', changed(3, 2)],
    ['an unknown isolation', changed(4, ISOLATIONS.length)],
    ['no machine', changed(5, 0, 0)],
    ['no CPU', changed(7, 0, 0, 0, 0)],
    ['no port', changed(43, 0, 0)],
    ['zeros', new Uint8Array(77)],
  ])('is no record: %s', (_what, data) => {
    expect(decodeRecord(data)).toBeUndefined()
  })

  it('never makes the reader throw, and what is read would be written so', () => {
    const mutated = fc.array(fc.tuple(fc.nat({ max: 76 }), fc.nat({ max: 255 })), { maxLength: 6 }).map((changes) => {
      const copy = Uint8Array.from(bytes)
      for (const [at, to] of changes) copy[at] = to
      return copy
    })
    const headed = fc
      .uint8Array({ minLength: 73, maxLength: 73 })
      .map((rest) => Uint8Array.from([0x5a, 0x4e, 1, 1, ...rest]))
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 120 }), mutated, headed), (data) => {
        const read = decodeRecord(data)
        if (read !== undefined) expect(encodeRecord(read)).toEqual(data)
      }),
      { numRuns: 1_000 },
    )
  })
})

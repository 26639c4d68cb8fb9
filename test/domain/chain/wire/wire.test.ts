import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../../../domain/bytes.ts'
import { DecodeError } from '../../../../domain/chain/decode-error.ts'
import { networkNamed } from '../../../../domain/chain/network.ts'
import { decodeMessage, encodeMessage, longestPayload } from '../../../../domain/chain/wire/codec.ts'
import { decodeEnvelope, ENVELOPE_BYTES, encodeEnvelope } from '../../../../domain/chain/wire/envelope.ts'
import { ipText, parseIp, reachOf } from '../../../../domain/chain/wire/ip-text.ts'
import { locatorHeights } from '../../../../domain/chain/wire/locator.ts'
import type { BareCommand, Message } from '../../../../domain/chain/wire/message.ts'
import { NET, type NetAddress, type TimedAddress } from '../../../../domain/chain/wire/net-address.ts'
import { block, bytesOf, displayHash, header, transaction } from '../arbitraries.ts'
import { damaged } from '../damage.ts'

const regtest = networkNamed('regtest')
const u32 = fc.integer({ min: 0, max: 0xffffffff })
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const i64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const port = fc.integer({ min: 0, max: 65_535 })

const ip: fc.Arbitrary<Pick<NetAddress, 'net' | 'bytes'>> = fc.oneof(
  bytesOf(4).map((bytes) => ({ net: NET.ipv4 as number, bytes })),
  // What begins with zeros and ones would be a mapped IPv4 address.
  bytesOf(15).map((rest) => ({ net: NET.ipv6 as number, bytes: Uint8Array.of(0x20, ...rest) })),
)
const oldAddress = fc.record({ ip, port }).map(({ ip: at, port: p }) => ({ ...at, port: p }))
const anyAddress = fc.oneof(
  oldAddress,
  fc
    .constantFrom([3, 10], [4, 32], [5, 32], [6, 16])
    .chain(([net, size]) => fc.record({ net: fc.constant(net!), bytes: bytesOf(size!), port })),
)
const timed = (address: fc.Arbitrary<NetAddress>): fc.Arbitrary<TimedAddress> =>
  fc.record({ address, timeS: u32, services: u64 }).map(({ address: at, ...rest }) => ({ ...at, ...rest }))
const seen = fc
  .record({ address: oldAddress, services: u64 })
  .map(({ address, services }) => ({ ...address, services }))
const locator = fc.record({ version: u32, hashes: fc.array(displayHash, { maxLength: 101 }), stop: displayHash })
const items = fc.array(fc.record({ type: u32, hash: displayHash }), { maxLength: 60 })
const agent = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((c) => String.fromCharCode(c)),
  maxLength: 256,
})

type Known = Exclude<Message, { command: 'unknown' }>
const bare = ['verack', 'wtxidrelay', 'sendaddrv2', 'sendheaders', 'getaddr', 'mempool'] as const
const one = <T extends string>(...names: T[]) => fc.constantFrom(...names)
const message: fc.Arbitrary<Known> = fc.oneof(
  fc.record({
    command: fc.constant('version' as const),
    version: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
    services: u64,
    timeS: i64,
    receiver: seen,
    sender: seen,
    nonce: u64,
    userAgent: agent,
    startHeight: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
    relay: fc.boolean(),
  }),
  fc.record({ command: one<BareCommand>(...bare) }),
  fc.record({ command: one('ping', 'pong'), nonce: u64 }),
  fc.record({ command: fc.constant('addr' as const), addresses: fc.array(timed(oldAddress), { maxLength: 20 }) }),
  fc.record({ command: fc.constant('addrv2' as const), addresses: fc.array(timed(anyAddress), { maxLength: 20 }) }),
  fc.record({ command: one('getheaders', 'getblocks'), locator }),
  fc.record({ command: fc.constant('headers' as const), headers: fc.array(header, { maxLength: 20 }) }),
  fc.record({ command: one('inv', 'getdata', 'notfound'), items }),
  fc.record({ command: fc.constant('block' as const), block }),
  fc.record({ command: fc.constant('tx' as const), tx: transaction }),
  fc.record({ command: fc.constant('feefilter' as const), rate: i64 }),
  fc.record({ command: fc.constant('sendcmpct' as const), announce: fc.boolean(), version: u64 }),
)

const refusal = (decode: () => unknown): string | undefined => {
  try {
    decode()
    return undefined
  } catch (error) {
    if (error instanceof DecodeError) return error.code
    throw error
  }
}

describe('messages between nodes', () => {
  it('come out as they went in, whole, and within their longest length', () => {
    fc.assert(
      fc.property(message, (sent) => {
        const payload = encodeMessage(sent)
        expect(payload.length).toBeLessThanOrEqual(longestPayload(sent.command))
        expect(decodeMessage(sent.command, payload)).toEqual(sent)
        expect(refusal(() => decodeMessage(sent.command, Uint8Array.of(...payload, 0)))).toBeDefined()
      }),
      { numRuns: 1000 },
    )
  })

  it('when damaged give a value or a DecodeError: 20,000 of them', () => {
    const samples = fc.sample(message, { numRuns: 400, seed: 1 })
    const byPayload = new Map(samples.map((sent) => [toHex(encodeMessage(sent)), sent.command]))
    for (const [hex, command] of byPayload)
      fc.assert(
        fc.property(damaged([fromHex(hex)]), (payload) => {
          refusal(() => decodeMessage(command, payload))
        }),
        { numRuns: Math.ceil(20_000 / byPayload.size) },
      )
  })

  it('of a name that is not known are let be', () => {
    expect(decodeMessage('cmpctblock', Uint8Array.of(1, 2))).toEqual({ command: 'unknown', name: 'cmpctblock' })
    expect(refusal(() => decodeMessage('alert', new Uint8Array(65_537)))).toBe('oversize')
  })

  it('have bounds on their counts', () => {
    // 50,001 items, 2,001 headers, 1,001 addresses, 102 hashes.
    expect(refusal(() => decodeMessage('inv', fromHex('fd51c3')))).toBe('oversize')
    expect(refusal(() => decodeMessage('headers', fromHex('fdd107')))).toBe('oversize')
    expect(refusal(() => decodeMessage('addrv2', fromHex('fde903')))).toBe('oversize')
    expect(refusal(() => decodeMessage('getheaders', fromHex('0000000066')))).toBe('oversize')
  })

  it('know an address of 4 bytes as IPv4, skip unknown networks and refuse a wrong length (BIP 155)', () => {
    const entry = (net: string, address: string) => `01${'00'.repeat(4)}00${net}${address}208d`
    const read = (hex: string) => decodeMessage('addrv2', fromHex(hex))
    const [address] = (read(entry('01', '047f000001')) as Extract<Message, { command: 'addr' | 'addrv2' }>).addresses
    expect({ ...address, text: ipText(address!) }).toMatchObject({ net: 1, port: 8333, text: '127.0.0.1' })
    expect(read(entry('aa', '03010203'))).toMatchObject({ addresses: [{ net: 0xaa }] })
    expect(refusal(() => read(entry('01', '03010203')))).toBe('bad-address')
  })
})

describe('the envelope', () => {
  const sealed = encodeEnvelope(regtest, 'ping', new Uint8Array(8))
  const head = () => sealed.slice(0, ENVELOPE_BYTES)
  const changed = (at: number, byte: number) => head().fill(byte, at, at + 1)

  it('is the one of Bitcoin', () => {
    expect(toHex(encodeEnvelope(regtest, 'verack', new Uint8Array(0)))).toBe(
      'fabfb5da76657261636b000000000000000000005df6e0e2',
    )
    expect(decodeEnvelope(regtest, head())).toMatchObject({ command: 'ping', sizeBytes: 8 })
  })

  it.each([
    ['wrong-magic', 0, 0],
    ['bad-command', 4, 0],
    ['bad-command', 5, 7],
    ['bad-command', 12, 65],
    ['oversize', 19, 1],
  ])('is refused as %s when byte %i is %i', (code, at, byte) => {
    expect(refusal(() => decodeEnvelope(regtest, changed(at, byte)))).toBe(code)
  })
})

describe('addresses as text', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(ip, (address) => {
        expect(parseIp(ipText(address)!)).toEqual(address)
      }),
    )
  })

  it.each([
    ['::1', 'machine'],
    ['127.9.9.9', 'machine'],
    ['::ffff:10.0.0.1', 'local'],
    ['192.168.1.1', 'local'],
    ['172.16.0.1', 'local'],
    ['fe80::1', 'local'],
    ['fd00::1', 'local'],
    ['2001:db8::7', 'world'],
    ['8.8.8.8', 'world'],
  ])('%s reaches: %s', (text, reach) => {
    expect(reachOf(parseIp(text)!)).toBe(reach)
  })

  it.each(['', '1.2.3', '1.2.3.256', 'a', ':::', '1::2::3', '1:2:3:4:5:6:7', 'example.org', '1:2:3:4:5:6:7:8:9'])(
    '%s is none',
    (text) => {
      expect(parseIp(text)).toBeUndefined()
    },
  )
})

it('a locator is dense at the tip and sparse below', () => {
  expect(locatorHeights(0)).toEqual([0])
  expect(locatorHeights(3)).toEqual([3, 2, 1, 0])
  expect(locatorHeights(20)).toEqual([20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 9, 5, 0])
  expect(locatorHeights(10_000_000).length).toBeLessThan(40)
})

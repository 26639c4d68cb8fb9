import type { Isolation } from '../resources.ts'
import { ISOLATIONS } from '../resources.ts'

/**
 * The record that an announcement puts on the chain, in output 0 (OP_RETURN) of a transaction whose output 1 is the bond.
 * Fixed layout, big-endian, 77 bytes: every Bitcoin-format network relays up to 80.
 *
 * | at | bytes | field |
 * |---|---|---|
 * | 0 | 2 | magic `ZN` |
 * | 2 | 1 | version, 1 |
 * | 3 | 1 | kind: 1 = machines wanted |
 * | 4 | 1 | isolation wanted, index in ISOLATIONS |
 * | 5 | 2 | count |
 * | 7 | 4 | CPU, thousandths of a core |
 * | 11 | 4 | memory, MiB, rounded up |
 * | 15 | 2 | disk, GiB, rounded up |
 * | 17 | 6 | price ceiling, msat per hour of full use |
 * | 23 | 4 | expiry, block height |
 * | 27 | 16 | endpoint, IPv6, or IPv4 mapped (::ffff:a.b.c.d) |
 * | 43 | 2 | endpoint port |
 * | 45 | 32 | hash of the body |
 */
export type AnnouncementRecord = {
  readonly isolation: Isolation
  readonly count: number
  readonly cpuMillis: number
  readonly memoryMiB: number
  readonly diskGiB: number
  readonly maxHourlyMsat: bigint
  readonly expiryHeight: number
  readonly host: string
  readonly port: number
  /** 32 bytes. */
  readonly bodyHash: Uint8Array
}

export const RECORD_BYTES = 77
/** Index of the output that holds the record, and of the one that is the bond. */
export const RECORD_VOUT = 0
export const BOND_VOUT = 1
/** What a bond holds unless configured otherwise, sats; it comes back when the announcement is withdrawn. */
export const DEFAULT_BOND_SATS = 1_000n

const MAGIC = 0x5a4e
const VERSION = 1
const KIND_MACHINES = 1

/** @throws RangeError when a field does not fit its place, or is one that no reader would take */
export const encodeRecord = (record: AnnouncementRecord): Uint8Array => {
  const bytes = new Uint8Array(RECORD_BYTES)
  const view = new DataView(bytes.buffer)
  const put = (name: string, value: number, max: number, min = 0): number => {
    if (!Number.isInteger(value) || value < min || value > max)
      throw new RangeError(`${name} ${value} is not in ${min}…${max}`)
    return value
  }
  if (record.maxHourlyMsat < 0n || record.maxHourlyMsat >= 1n << 48n)
    throw new RangeError('maxHourlyMsat is not in 48 bits')
  if (record.bodyHash.length !== 32) throw new RangeError('bodyHash is not 32 bytes')
  view.setUint16(0, MAGIC)
  view.setUint8(2, VERSION)
  view.setUint8(3, KIND_MACHINES)
  view.setUint8(4, put('isolation', ISOLATIONS.indexOf(record.isolation), ISOLATIONS.length - 1))
  view.setUint16(5, put('count', record.count, 0xffff, 1))
  view.setUint32(7, put('cpuMillis', record.cpuMillis, 0xffffffff, 1))
  view.setUint32(11, put('memoryMiB', record.memoryMiB, 0xffffffff))
  view.setUint16(15, put('diskGiB', record.diskGiB, 0xffff))
  view.setUint16(17, Number(record.maxHourlyMsat >> 32n))
  view.setUint32(19, Number(record.maxHourlyMsat & 0xffffffffn))
  view.setUint32(23, put('expiryHeight', record.expiryHeight, 0xffffffff))
  bytes.set(packHost(record.host), 27)
  view.setUint16(43, put('port', record.port, 0xffff, 1))
  bytes.set(record.bodyHash, 45)
  return bytes
}

/** The record in OP_RETURN data, or undefined when it is not one that this version understands: the chain is full of others' data. */
export const decodeRecord = (bytes: Uint8Array): AnnouncementRecord | undefined => {
  if (bytes.length !== RECORD_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint16(0) !== MAGIC || view.getUint8(2) !== VERSION || view.getUint8(3) !== KIND_MACHINES)
    return undefined
  const isolation = ISOLATIONS[view.getUint8(4)]
  const count = view.getUint16(5)
  const cpuMillis = view.getUint32(7)
  const port = view.getUint16(43)
  if (isolation === undefined || count === 0 || cpuMillis === 0 || port === 0) return undefined
  return {
    isolation,
    count,
    cpuMillis,
    memoryMiB: view.getUint32(11),
    diskGiB: view.getUint16(15),
    maxHourlyMsat: (BigInt(view.getUint16(17)) << 32n) | BigInt(view.getUint32(19)),
    expiryHeight: view.getUint32(23),
    host: unpackHost(bytes.subarray(27, 43)),
    port,
    bodyHash: bytes.slice(45, 77),
  }
}

const IPV4_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]

const packHost = (host: string): Uint8Array => {
  const bytes = new Uint8Array(16)
  const parts = host.split('.')
  if (parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) {
    bytes.set(IPV4_PREFIX)
    bytes.set(parts.map(Number), 12)
    return bytes
  }
  const halves = host.split('::')
  const groups = (text: string | undefined): number[] =>
    text ? text.split(':').map((group) => (/^[0-9a-f]{1,4}$/i.test(group) ? Number.parseInt(group, 16) : -1)) : []
  const head = groups(halves[0])
  const tail = groups(halves[1])
  const fits = halves.length === 2 ? head.length + tail.length < 8 : halves.length === 1 && head.length === 8
  if (!fits || [...head, ...tail].includes(-1)) throw new RangeError(`host ${host} is not an IPv4 or IPv6 address`)
  const view = new DataView(bytes.buffer)
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => 0)
  for (const [i, group] of [...head, ...zeros, ...tail].entries()) view.setUint16(i * 2, group)
  return bytes
}

const unpackHost = (bytes: Uint8Array): string => {
  if (IPV4_PREFIX.every((byte, i) => bytes[i] === byte)) return Array.from(bytes.subarray(12)).join('.')
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16)
  return Array.from({ length: 8 }, (_, i) => view.getUint16(i * 2).toString(16)).join(':')
}

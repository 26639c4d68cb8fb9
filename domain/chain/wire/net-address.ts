import { DecodeError } from '../decode-error.ts'
import type { Reader } from '../reader.ts'
import type { Writer } from '../writer.ts'

/** Kinds of networks by their numbers, with the length of their addresses in bytes (BIP 155). */
export const NET = { ipv4: 1, ipv6: 2, torV2: 3, torV3: 4, i2p: 5, cjdns: 6 } as const
const LENGTHS: Readonly<Record<number, number>> = { 1: 4, 2: 16, 3: 10, 4: 32, 5: 32, 6: 16 }
/** An address of a kind that is not known may be this long, and is ignored. */
const MAX_ADDRESS_BYTES = 512
const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
const NO_ADDRESS = new Uint8Array(16)

/** Where a node can be reached. */
export type NetAddress = { readonly net: number; readonly bytes: Uint8Array; readonly port: number }

/** What is told of it: the services that it has, and when it was last heard of, in Unix seconds. */
export type TimedAddress = NetAddress & { readonly timeS: number; readonly services: bigint }

/** Law: addresses in one message (Core net_processing.cpp, MAX_ADDR_TO_SEND). */
export const MAX_ADDRESSES = 1000

/** The form of `version` and `addr`: 16 bytes of IPv6, in which IPv4 is mapped, and the port, most significant byte first. */
export const writeOldAddress = (writer: Writer, { net, bytes, port }: NetAddress): void => {
  if (net === NET.ipv4) writer.bytes(Uint8Array.from(MAPPED_PREFIX)).bytes(bytes)
  else writer.bytes(net === NET.ipv6 ? bytes : NO_ADDRESS)
  writer.u8(port >>> 8).u8(port & 0xff)
}

export const readOldAddress = (reader: Reader): NetAddress => {
  const bytes = reader.bytes(16)
  const port = reader.u8() * 256 + reader.u8()
  return MAPPED_PREFIX.every((byte, i) => bytes[i] === byte)
    ? { net: NET.ipv4, bytes: bytes.slice(12), port }
    : { net: NET.ipv6, bytes, port }
}

export const writeAddrEntry = (writer: Writer, address: TimedAddress): void => {
  writer.u32(address.timeS).u64(address.services)
  writeOldAddress(writer, address)
}

export const readAddrEntry = (reader: Reader): TimedAddress => {
  const timeS = reader.u32()
  const services = reader.u64()
  return { timeS, services, ...readOldAddress(reader) }
}

/** BIP 155: services as a compact size, the kind of network, then as many bytes as that has. */
export const writeAddrV2Entry = (writer: Writer, { timeS, services, net, bytes, port }: TimedAddress): void => {
  writer.u32(timeS)
  writeCompact(writer, services)
  writer.u8(net).sized(bytes)
  writer.u8(port >>> 8).u8(port & 0xff)
}

export const readAddrV2Entry = (reader: Reader): TimedAddress => {
  const timeS = reader.u32()
  const services = readCompact(reader)
  const net = reader.u8()
  const length = reader.size()
  const wanted = LENGTHS[net]
  if (length > MAX_ADDRESS_BYTES || (wanted !== undefined && wanted !== length)) throw new DecodeError('bad-address')
  const bytes = reader.bytes(length)
  return { timeS, services, net, bytes, port: reader.u8() * 256 + reader.u8() }
}

/** Services are flags, not a length: all 64 bits may be set. */
const writeCompact = (writer: Writer, value: bigint): void => {
  if (value <= 0xffff_ffffn) writer.size(Number(value))
  else writer.u8(0xff).u64(value)
}

const readCompact = (reader: Reader): bigint => {
  const first = reader.u8()
  if (first < 0xfd) return BigInt(first)
  const [value, least] =
    first === 0xfd
      ? [BigInt(reader.u16()), 0xfdn]
      : first === 0xfe
        ? [BigInt(reader.u32()), 0x1_0000n]
        : [reader.u64(), 0x1_0000_0000n]
  if (value < least) throw new DecodeError('non-canonical-size')
  return value
}

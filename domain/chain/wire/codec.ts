import { decodeBlock, encodeBlock, encodeTransaction, readTransaction } from '../codec.ts'
import { DecodeError } from '../decode-error.ts'
import { Reader } from '../reader.ts'
import { Writer } from '../writer.ts'
import { MAX_PAYLOAD_BYTES } from './envelope.ts'
import { MAX_INVENTORY, readInventory, writeInventory } from './inventory.ts'
import { MAX_HEADERS, MAX_LOCATOR, readHeaders, readLocator, writeHeaders, writeLocator } from './locator.ts'
import type { Message } from './message.ts'
import { MAX_ADDRESSES, readAddrEntry, readAddrV2Entry, writeAddrEntry, writeAddrV2Entry } from './net-address.ts'
import { readVersion, writeVersion } from './version.ts'

type Command = Exclude<Message['command'], 'unknown'>

/** A compact size and 50,000 items of 36 bytes. */
const INVENTORY_BYTES = 3 + MAX_INVENTORY * 36
const LOCATOR_BYTES = 4 + 1 + MAX_LOCATOR * 32 + 32

/** The longest payload of each message, in bytes: what is longer is refused before any of it is kept. */
const LONGEST: Readonly<Record<Command, number>> = {
  version: 1024,
  verack: 0,
  wtxidrelay: 0,
  sendaddrv2: 0,
  sendheaders: 0,
  getaddr: 0,
  mempool: 0,
  ping: 8,
  pong: 8,
  addr: 3 + MAX_ADDRESSES * 30,
  // Services of 9 bytes, and an address of an unknown network of 512.
  addrv2: 3 + MAX_ADDRESSES * (4 + 9 + 1 + 3 + 512 + 2),
  getheaders: LOCATOR_BYTES,
  getblocks: LOCATOR_BYTES,
  headers: 3 + MAX_HEADERS * 81,
  inv: INVENTORY_BYTES,
  getdata: INVENTORY_BYTES,
  notfound: INVENTORY_BYTES,
  block: MAX_PAYLOAD_BYTES,
  tx: MAX_PAYLOAD_BYTES,
  feefilter: 8,
  sendcmpct: 9,
}
/** Messages that this node does not know are skipped up to this length: `cmpctblock` and the like are not sent unasked. */
const LONGEST_UNKNOWN_BYTES = 65_536

const isCommand = (name: string): name is Command => Object.hasOwn(LONGEST, name)

/** Longest payload of a message of this name, in bytes. */
export const longestPayload = (name: string): number => (isCommand(name) ? LONGEST[name] : LONGEST_UNKNOWN_BYTES)

/** The payload of a message, without its envelope. */
export const encodeMessage = (message: Exclude<Message, { command: 'unknown' }>): Uint8Array => {
  const writer = new Writer()
  switch (message.command) {
    case 'version':
      writeVersion(writer, message)
      return writer.done()
    case 'verack':
    case 'wtxidrelay':
    case 'sendaddrv2':
    case 'sendheaders':
    case 'getaddr':
    case 'mempool':
      return writer.done()
    case 'ping':
    case 'pong':
      return writer.u64(message.nonce).done()
    case 'addr':
      return writer.list(message.addresses, writeAddrEntry).done()
    case 'addrv2':
      return writer.list(message.addresses, writeAddrV2Entry).done()
    case 'getheaders':
    case 'getblocks':
      writeLocator(writer, message.locator)
      return writer.done()
    case 'headers':
      writeHeaders(writer, message.headers)
      return writer.done()
    case 'inv':
    case 'getdata':
    case 'notfound':
      writeInventory(writer, message.items)
      return writer.done()
    case 'block':
      return encodeBlock(message.block)
    case 'tx':
      return encodeTransaction(message.tx)
    case 'feefilter':
      return writer.i64(message.rate).done()
    case 'sendcmpct':
      return writer
        .u8(message.announce ? 1 : 0)
        .u64(message.version)
        .done()
  }
}

/**
 * Reads a payload whole: bytes that are left over are refused as any other damage.
 *
 * @throws DecodeError
 */
export const decodeMessage = (name: string, payload: Uint8Array): Message => {
  if (payload.length > longestPayload(name)) throw new DecodeError('oversize')
  if (!isCommand(name)) return { command: 'unknown', name }
  if (name === 'block') return { command: name, block: decodeBlock(payload) }
  const reader = new Reader(payload)
  const message = read(name, reader)
  reader.end()
  return message
}

const read = (command: Exclude<Command, 'block'>, reader: Reader): Message => {
  switch (command) {
    case 'version':
      return { command, ...readVersion(reader) }
    case 'verack':
    case 'wtxidrelay':
    case 'sendaddrv2':
    case 'sendheaders':
    case 'getaddr':
    case 'mempool':
      return { command }
    case 'ping':
    case 'pong':
      return { command, nonce: reader.u64() }
    case 'addr':
      return { command, addresses: reader.list(30, readAddrEntry, MAX_ADDRESSES) }
    case 'addrv2':
      return { command, addresses: reader.list(9, readAddrV2Entry, MAX_ADDRESSES) }
    case 'getheaders':
    case 'getblocks':
      return { command, locator: readLocator(reader) }
    case 'headers':
      return { command, headers: readHeaders(reader) }
    case 'inv':
    case 'getdata':
    case 'notfound':
      return { command, items: readInventory(reader) }
    case 'tx':
      return { command, tx: readTransaction(reader) }
    case 'feefilter':
      return { command, rate: reader.i64() }
    case 'sendcmpct':
      return { command, announce: reader.u8() !== 0, version: reader.u64() }
  }
}

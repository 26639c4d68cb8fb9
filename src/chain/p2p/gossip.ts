import { ipText, parseIp, type Reach, reachOf } from '../../../domain/chain/wire/ip-text.ts'
import { MAX_ADDRESSES, NET, type TimedAddress } from '../../../domain/chain/wire/net-address.ts'
import type { Clock } from '../../clock/port.ts'
import type { Random } from '../../random/port.ts'
import { type AddressBook, type BookEntry, sourceOf } from './address-book.ts'
import { OWN_SERVICES } from './handshake.ts'
import type { Peer } from './peer.ts'
import { type HostPort, hostPortText } from './port.ts'

/** Of what is known, a peer that asks is told so much: nobody learns the whole book at once. */
const TOLD_PERCENT = 23
/** Short lists of fresh addresses are passed on, to so many peers. */
const MOST_PASSED_ON = 10
const PASSED_TO = 2
const FRESH_S = 600
/** Listened on, they stand for every address of the machine. */
const ANY_ADDRESS = new Set(['0.0.0.0', '::'])

export type GossipParts = {
  readonly book: AddressBook
  readonly clock: Clock
  readonly random: Random
  readonly peers: ReadonlyMap<number, Peer>
  /** Where this node listens; absent when it does not. */
  listening(): HostPort | undefined
  /** Something new is in the book. */
  onLearned(): void
}

/** How nodes hear of each other. An address of this machine, or of a local network, is believed only from there. */
export interface Gossip {
  take(peer: Peer, addresses: readonly TimedAddress[]): void
  answer(peer: Peer): void
  /** Tells a new peer where this node listens, and asks one that was called for others. */
  begin(peer: Peer): void
}

export const newGossip = (parts: GossipParts): Gossip => {
  const { book, clock, random, peers } = parts
  const nowS = () => Math.floor(clock.now() / 1000)

  const tell = (peer: Peer, addresses: readonly TimedAddress[]): void => {
    const known = addresses.filter(({ net }) => net === NET.ipv4 || net === NET.ipv6)
    if (known.length === 0) return
    peer.connection.send({ command: peer.wantsAddrV2 ? 'addrv2' : 'addr', addresses: known })
  }
  const isFor = (peer: Peer, host: string): boolean => {
    const ip = parseIp(host)
    return ip !== undefined && isNoWider(reachOfPeer(peer), reachOf(ip))
  }
  /** What this peer can call this node by: its own end of the connection, at the port that is listened on. */
  const ownAddress = (peer: Peer): TimedAddress | undefined => {
    const listening = parts.listening()
    const ip = parseIp(peer.connection.local.host)
    if (listening === undefined || ip === undefined) return undefined
    const { host } = peer.connection.local
    if (listening.host !== host && !ANY_ADDRESS.has(listening.host)) return undefined
    return { ...ip, port: listening.port, timeS: nowS(), services: OWN_SERVICES }
  }
  const passOn = (from: Peer, addresses: readonly TimedAddress[]): void => {
    const others = [...peers.values()].filter((peer) => peer !== from && peer.ready)
    for (const address of addresses) {
      const host = ipText(address)
      const fit = others.filter((peer) => host !== undefined && isFor(peer, host))
      for (const peer of shuffled(random, fit).slice(0, PASSED_TO)) tell(peer, [address])
    }
  }

  return {
    take: (peer, addresses) => {
      const source = sourceOf(peer.connection.remote.host)
      const fresh: TimedAddress[] = []
      let learned = 0
      for (const address of addresses) {
        const host = ipText(address)
        if (!peer.addresses.budget.tryTake(1)) {
          peer.addresses.dropped++
          continue
        }
        peer.addresses.taken++
        if (host === undefined || !isFor(peer, host)) continue
        noteOwn(peer, addresses.length, { host, port: address.port })
        const found = { host, port: address.port, services: address.services, seenS: address.timeS }
        if (!book.add(found, source)) continue
        learned++
        if (address.timeS > nowS() - FRESH_S) fresh.push(address)
      }
      if (learned > 0) parts.onLearned()
      if (addresses.length <= MOST_PASSED_ON) passOn(peer, fresh)
    },
    answer: (peer) => {
      // Once, and only to who called: what this node called could otherwise ask what it had told.
      if (peer.addresses.wasAnswered || peer.direction !== 'inbound') return
      peer.addresses.wasAnswered = true
      const fit = shuffled(
        random,
        book.all().filter(({ host }) => isFor(peer, host)),
      )
      const most = Math.min(MAX_ADDRESSES, Math.max(MOST_PASSED_ON, Math.ceil((fit.length * TOLD_PERCENT) / 100)))
      tell(peer, fit.slice(0, most).map(timedOf))
    },
    begin: (peer) => {
      const own = ownAddress(peer)
      if (own !== undefined && isFor(peer, ipText(own)!)) tell(peer, [own])
      if (peer.direction !== 'inbound') peer.connection.send({ command: 'getaddr' })
    },
  }
}

/** What a peer tells of itself: then it need not be called too. */
const noteOwn = (peer: Peer, count: number, at: HostPort): void => {
  if (count === 1 && at.host === peer.connection.remote.host) peer.own ??= hostPortText(at)
}

const REACHES: readonly Reach[] = ['machine', 'local', 'world']
const isNoWider = (peer: Reach, address: Reach): boolean => REACHES.indexOf(peer) <= REACHES.indexOf(address)

const reachOfPeer = ({ connection }: Peer): Reach => {
  const ip = parseIp(connection.remote.host)
  return ip === undefined ? 'world' : reachOf(ip)
}

const timedOf = ({ host, port, services, seenS }: BookEntry): TimedAddress => ({
  ...parseIp(host)!,
  port,
  services,
  timeS: seenS,
})

const shuffled = <T>(random: Random, items: readonly T[]): T[] => {
  const keys = new DataView(random.bytes(items.length * 4).buffer)
  return items
    .map((item, i) => ({ item, key: keys.getUint32(i * 4) }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item)
}

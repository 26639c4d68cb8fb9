import { join } from 'node:path'
import type { Clock } from '../../clock/port.ts'
import type { Random } from '../../random/port.ts'
import type { Xencoind } from '../xencoind/xencoind.ts'
import { openAddressBook } from './address-book.ts'
import { type Ban, openBanList, subnetOf } from './ban-list.ts'
import { chainSync } from './chain-sync.ts'
import { openConnection } from './connection.ts'
import { newDialer } from './dialer.ts'
import { askAtDoor } from './door.ts'
import { newGossip } from './gossip.ts'
import { newHandler } from './handle.ts'
import { newNonce, shakeHands } from './handshake.ts'
import { P2P_LIMITS, type P2pLimits } from './limits.ts'
import type { PeerLog } from './log.ts'
import { type Direction, newPeer, type Peer } from './peer.ts'
import { PeerEnd } from './peer-end.ts'
import { type HostPort, hostPortText, type Listener, type Transport, type Wire } from './port.ts'
import { newServe } from './serve.ts'
import { allowedNow, runSession } from './session.ts'
import { newTraffic, type Traffic } from './traffic.ts'
import { newTxRelay } from './tx-relay.ts'
import { overdueOf, sendPing } from './watch.ts'

export type P2pOptions = {
  readonly node: Xencoind
  /** Holds `peers.json` and `bans.json`. */
  readonly dataDir: string
  readonly clock: Clock
  readonly random: Random
  readonly log: PeerLog
  readonly transport: Transport
  /** `/zennet:0.1.0/` */
  readonly userAgent: string
  /** Where others can call; absent: they cannot. */
  readonly listen?: HostPort
  /** Call these and no others. */
  readonly connect?: readonly HostPort[]
  /** Call these, and others that are heard of. */
  readonly addNodes?: readonly HostPort[]
  readonly limits?: Partial<P2pLimits>
}

/** This node among others: what its operator can see and do. */
export interface P2p {
  readonly userAgent: string
  readonly listening: HostPort | undefined
  readonly totals: Traffic
  readonly limits: P2pLimits
  /** Those that have said who they are. */
  peers(): Peer[]
  /** Height of the chain with the most work that anybody has shown. */
  bestHeight(): number
  addressCount(): number
  named(): string[]
  /** @returns false when it was named, or was not, already */
  name(at: HostPort): boolean
  unname(at: HostPort): boolean
  callOnce(at: HostPort): void
  /** @returns false when there is no such peer */
  disconnect(fits: (peer: Peer) => boolean): boolean
  /** Bans and lets go of who it hits. @returns false when it is banned already */
  ban(subnet: string, untilS: number): boolean
  unban(subnet: string): boolean
  bans(): Ban[]
  clearBans(): void
  pingAll(): void
  close(): Promise<void>
}

/** How often the address book is written. */
const SAVE_MS = 60_000

/**
 * Joins a node to others of its network: finds them, keeps them, follows the chain of most work, passes on blocks, transactions and
 * addresses. Everything that a peer can make grow has a bound in `limits.ts`.
 *
 * @throws Fault `chain.peer-port-taken`
 */
export const openP2p = async (options: P2pOptions): Promise<P2p> => {
  const { node, dataDir, clock, random, log, transport, userAgent, connect, addNodes = [] } = options
  const limits: P2pLimits = { ...P2P_LIMITS, ...options.limits }
  const { network } = node
  const { store, pool, change } = node.inside
  const peers = new Map<number, Peer>()
  const sessions = new Set<Promise<void>>()
  const nonces = new Map<bigint, string | undefined>()
  const totals = newTraffic()
  const stopping = new AbortController()
  const { signal } = stopping
  const bans = openBanList(join(dataDir, 'bans.json'), clock, limits.bans)
  const book = openAddressBook(join(dataDir, 'peers.json'), clock, limits)
  let listener: Listener | undefined
  let lastId = 0

  const endPeer = (id: number, reason: PeerEnd): void => peers.get(id)?.connection.end(reason)
  const chain = chainSync({ node, clock, limits, log, peers, endPeer })
  const transactions = newTxRelay({
    store,
    pool,
    clock,
    limits,
    peers,
    isCurrent: () => chain.headers.best().hash === store.active.tip()!.hash,
    broadcast: node.broadcast,
    leastFeeRate: node.inside.leastFeeRate,
  })
  const gossip = newGossip({
    book,
    clock,
    random,
    peers,
    listening: () => listener?.at,
    onLearned: () => dialer.look(),
  })
  const serve = newServe({ store, pool, clock, signal })
  const handle = newHandler({ clock, headers: chain.headers, download: chain.download, serve, transactions, gossip })

  const onWire = (wire: Wire, direction: Direction, dialled?: string): void => {
    const refusal = direction === 'inbound' ? askAtDoor({ bans, limits, peers }, wire.remote.host) : undefined
    if (refusal !== undefined || signal.aborted) {
      log.debug({ peer: hostPortText(wire.remote), code: refusal }, 'a peer was not let in')
      wire.close()
      return
    }
    const allows = allowedNow(() => peer)
    const connection = openConnection({ wire, network, clock, limits, totals, allows })
    const peer = newPeer({ clock, limits }, { id: ++lastId, direction, connection, ...(dialled && { dialled }) })
    peers.set(peer.id, peer)
    const session = live(peer).catch((err: unknown) => log.warn({ err }, 'a peer was not let go of cleanly'))
    sessions.add(session)
    void session.finally(() => sessions.delete(session))
  }

  const live = async (peer: Peer): Promise<void> => {
    const nonce = newNonce(random)
    nonces.set(nonce, peer.dialled)
    const parts = { clock, userAgent, height: () => store.active.tip()!.height, isOwn: (n: bigint) => nonces.has(n) }
    const reason = await runSession(
      { clock, signal, shakeHands: (one, messages) => shakeHands(parts, one, nonce, messages), onReady, handle },
      peer,
    )
    peer.connection.end(reason)
    peers.delete(peer.id)
    chain.left(peer)
    transactions.left(peer)
    if (reason.code === 'chain.peer-self') noteSelf(peer)
    nonces.delete(nonce)
    if (reason.banMs > 0) punish(peer, reason)
    tell(peer, reason)
    if (!signal.aborted) dialer.look()
  }

  const noteSelf = (peer: Peer): void => {
    const called = peer.dialled ?? nonces.get(peer.version?.nonce ?? 0n)
    if (called !== undefined) dialer.isSelf(called)
  }
  /** Whom the operator named is called again: it is for the operator to see what is wrong there. */
  const punish = ({ direction, connection }: Peer, { banMs }: PeerEnd): void => {
    const subnet = subnetOf(connection.remote.host)
    if (direction !== 'manual' && subnet !== undefined) bans.add(subnet, Math.ceil((clock.now() + banMs) / 1000))
  }
  const tell = (peer: Peer, reason: PeerEnd): void => {
    const fields = { peer: hostPortText(peer.connection.remote), direction: peer.direction, code: reason.code }
    if (reason.code === 'chain.peer-failed') log.warn({ ...fields, err: reason.cause }, reason.message)
    else if (reason.code === 'chain.peer-closed' && !peer.ready) log.debug(fields, reason.message)
    else log.info(fields, `a peer left: ${reason.message}`)
  }

  const onReady = (peer: Peer): void => {
    const { remote } = peer.connection
    const { userAgent: agent, startHeight } = peer.version!
    log.info({ peer: hostPortText(remote), direction: peer.direction, agent, height: startHeight }, 'a peer is here')
    if (peer.direction !== 'inbound') book.called(remote, true)
    if (peer.dialled !== undefined) dialer.reached(peer.dialled)
    peer.connection.send({ command: 'sendheaders' })
    gossip.begin(peer)
    chain.ready(peer)
  }

  const dialer = newDialer({
    transport,
    book,
    clock,
    random,
    limits,
    log,
    peers,
    signal,
    seeks: connect === undefined || connect.length === 0,
    isBanned: (host) => bans.has(host),
    onWire,
  })

  const repeat = async (everyMs: number, once: () => void): Promise<void> => {
    while (!signal.aborted) {
      await clock.sleep(everyMs, signal).catch(() => {})
      if (!signal.aborted) once()
    }
  }
  const look = (): void => {
    for (const peer of peers.values()) {
      const reason = overdueOf({ clock, random, limits, download: chain.download }, peer)
      if (reason !== undefined) peer.connection.end(reason)
    }
    transactions.expire()
    chain.look()
    dialer.look()
  }
  const followTip = async (): Promise<void> => {
    let told = store.active.tip()!.hash
    while (!signal.aborted) {
      const { hash } = store.active.tip()!
      if (hash !== told) {
        told = hash
        chain.announce()
        await transactions.tipChanged()
        continue
      }
      await change.wait(signal)
    }
  }

  if (options.listen !== undefined) listener = await transport.listen(options.listen, (wire) => onWire(wire, 'inbound'))
  if (listener !== undefined) log.info({ at: hostPortText(listener.at) }, 'other nodes can call')
  for (const at of [...(connect ?? []), ...addNodes]) dialer.name(at)
  const loops = [
    repeat(limits.tickMs, look),
    repeat(limits.announceMs, transactions.announce),
    repeat(SAVE_MS, book.save),
    followTip(),
  ]
  dialer.look()

  return {
    userAgent,
    totals,
    limits,
    get listening() {
      return listener?.at
    },
    peers: () => [...peers.values()].filter(({ ready }) => ready),
    bestHeight: () => chain.headers.best().height,
    addressCount: () => book.size,
    named: dialer.named,
    name: (at) => {
      const isNew = dialer.name(at)
      dialer.look()
      return isNew
    },
    unname: dialer.unname,
    callOnce: (at) => dialer.once(at, 'manual'),
    disconnect: (fits) => {
      const found = [...peers.values()].filter(fits)
      for (const { connection } of found) connection.end(new PeerEnd('chain.peer-disconnected'))
      return found.length > 0
    },
    ban: (subnet, untilS) => {
      const isNew = bans.add(subnet, untilS)
      for (const { connection } of peers.values())
        if (bans.has(connection.remote.host)) connection.end(new PeerEnd('chain.peer-banned'))
      return isNew
    },
    unban: bans.remove,
    bans: bans.all,
    clearBans: bans.clear,
    pingAll: () => {
      for (const peer of peers.values()) if (peer.ready) sendPing({ clock, random }, peer)
    },
    close: async () => {
      if (signal.aborted) return
      stopping.abort()
      for (const { connection } of peers.values()) connection.end(new PeerEnd('chain.peer-stopping'))
      await dialer.close()
      await Promise.all([...sessions, ...loops])
      await listener?.close()
      await chain.settled()
      book.save()
    },
  }
}

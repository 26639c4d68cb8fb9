import type { Clock } from '../../clock/port.ts'
import type { Random } from '../../random/port.ts'
import { type AddressBook, sourceOf } from './address-book.ts'
import type { P2pLimits } from './limits.ts'
import type { PeerLog } from './log.ts'
import type { Direction, Peer } from './peer.ts'
import { type HostPort, hostPortText, type Transport, type Wire } from './port.ts'

export type DialerParts = {
  readonly transport: Transport
  readonly book: AddressBook
  readonly clock: Clock
  readonly random: Random
  readonly limits: P2pLimits
  readonly log: PeerLog
  readonly peers: ReadonlyMap<number, Peer>
  readonly signal: AbortSignal
  /** Whether other nodes may be looked for in the book, beside those that were named. */
  readonly seeks: boolean
  isBanned(host: string): boolean
  /** Until the peer is gone. */
  onWire(wire: Wire, direction: Direction, dialled: string): void
}

/** Keeps calling: those that the operator named, always; of the others, as many as are wanted. */
export interface Dialer {
  named(): string[]
  name(at: HostPort): boolean
  unname(at: HostPort): boolean
  /** This node itself: it is not called again. */
  isSelf(at: string): void
  /** The call was answered by a node of this network. */
  reached(at: string): void
  /** Calls once. */
  once(at: HostPort, direction: Direction): void
  /** Looks whom to call now. */
  look(): void
  close(): Promise<void>
}

type Retry = { failures: number; afterUs: number }

export const newDialer = (parts: DialerParts): Dialer => {
  const { transport, book, clock, random, limits, log, peers, signal } = parts
  const named = new Map<string, HostPort>()
  const selves = new Set<string>()
  const retries = new Map<string, Retry>()
  const calling = new Map<string, Promise<void>>()

  const isConnected = (key: string): boolean =>
    [...peers.values()].some(({ dialled, own }) => dialled === key || own === key)
  const isOpen = (key: string): boolean =>
    !calling.has(key) && !isConnected(key) && clock.steadyUs() >= (retries.get(key)?.afterUs ?? 0)

  /** Longer after each call that came to nothing, up to a limit; shortened by chance, so that nodes do not call in step. */
  const later = (key: string): void => {
    const failures = (retries.get(key)?.failures ?? 0) + 1
    const waitMs = Math.min(limits.retryMostMs, limits.retryLeastMs * 2 ** (failures - 1))
    const chance = 0.5 + random.bytes(1)[0]! / 512
    if (retries.size >= limits.addresses) retries.clear()
    retries.set(key, { failures, afterUs: clock.steadyUs() + waitMs * 1000 * chance })
  }

  const call = (at: HostPort, direction: Direction): void => {
    const key = hostPortText(at)
    const calls = async () => {
      try {
        const limit = AbortSignal.any([signal, AbortSignal.timeout(limits.dialMs)])
        const wire = await transport.dial(at, limit)
        if (signal.aborted) wire.close()
        else parts.onWire(wire, direction, key)
      } catch (err) {
        if (signal.aborted) return
        book.called(at, false)
        log.debug({ peer: key, err }, 'no peer there')
      }
    }
    // Also a call that was answered: who hangs up at once is not called again at once.
    later(key)
    calling.set(
      key,
      calls().finally(() => calling.delete(key)),
    )
  }

  /** One from the book: of another source than the peers there are when there is one, and rather one that was reached before. */
  const seek = (): void => {
    const outbound = [...peers.values()].filter(({ direction }) => direction === 'outbound')
    const room = limits.outbound - outbound.length - calling.size
    if (!parts.seeks || room <= 0) return
    const open = book
      .all()
      .filter((one) => !selves.has(hostPortText(one)) && isOpen(hostPortText(one)) && !parts.isBanned(one.host))
    if (open.length === 0) return
    const taken = new Set(outbound.map(({ connection }) => sourceOf(connection.remote.host)))
    const fresh = open.filter((one) => !taken.has(sourceOf(one.host)))
    const choice = (fresh.length > 0 ? fresh : open).sort((a, b) => a.failures - b.failures)
    // Among the better half, by chance.
    const half = Math.max(1, Math.ceil(choice.length / 2))
    call(choice[new DataView(random.bytes(4).buffer).getUint32(0) % half]!, 'outbound')
  }

  return {
    named: () => [...named.keys()],
    name: (at) => {
      const key = hostPortText(at)
      if (named.has(key)) return false
      named.set(key, at)
      return true
    },
    unname: (at) => named.delete(hostPortText(at)),
    isSelf: (key) => {
      if (selves.size < limits.addresses) selves.add(key)
    },
    reached: (key) => {
      retries.set(key, { failures: 0, afterUs: clock.steadyUs() + limits.retryLeastMs * 1000 })
    },
    once: (at, direction) => {
      if (!calling.has(hostPortText(at)) && !isConnected(hostPortText(at))) call(at, direction)
    },
    look: () => {
      if (signal.aborted) return
      for (const [key, at] of named) if (!selves.has(key) && isOpen(key)) call(at, 'manual')
      seek()
    },
    close: async () => {
      await Promise.all(calling.values())
    },
  }
}

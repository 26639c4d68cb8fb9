import { linkOver } from '../../src/peer/link.ts'
import {
  HANDSHAKE_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  type Link,
  MAX_LINKS,
  type Peers,
  peerTimeout,
  peerUnreachable,
  portTaken,
} from '../../src/peer/port.ts'
import type { Dice } from './dice.ts'
import { type Wire, WireEnd } from './frames.ts'
import type { Host, Life } from './life.ts'
import type { Timeline } from './timeline.ts'

/** Mean of one way, ms. */
const WAY_MS = 8
/** A datagram was lost: the system sends it again after so long, ms. */
const AGAIN_MS = 200

/** What a hostile node's transport does with what its honest code sends. */
export type Twist = (frame: Uint8Array, connection: object) => readonly Uint8Array[]

type Listening = { readonly life: Life; readonly host: Host; take(dialler: Life, twist?: Twist): Link | undefined }

class Connection implements Wire {
  readonly ends: readonly [WireEnd, WireEnd]
  readonly #net: Network
  readonly #twists: readonly (Twist | undefined)[]
  /** Until when the last thing sent by each end is on its way: nothing overtakes on a stream. */
  readonly #busyUntilUs = [0, 0]
  /** Held back by a partition, by the end that sent it. */
  #held: (() => void)[] = []
  #silentSinceUs: number | undefined
  open = true

  constructor(net: Network, lives: readonly [Life, Life], twists: readonly (Twist | undefined)[]) {
    this.#net = net
    this.#twists = twists
    this.ends = [new WireEnd(lives[0], this), new WireEnd(lives[1], this)]
    this.ends[0].peer = this.ends[1]
    this.ends[1].peer = this.ends[0]
  }

  carry(from: WireEnd, arrive: () => void): void {
    const { timeline } = this.#net
    const side = from === this.ends[0] ? 0 : 1
    const wayUs = Math.ceil(this.#net.wayMs() * 1_000)
    // Later by at least one: of two at the same time, chance decides.
    const atUs = Math.max(this.#busyUntilUs[side]! + 1, timeline.nowUs + wayUs)
    this.#busyUntilUs[side] = atUs
    timeline.after((atUs - timeline.nowUs) / 1_000, () => {
      if (!this.open) return
      if (this.#held.length > 0 || this.#net.isCut(this.hosts)) this.#hold(arrive)
      else arrive()
    })
  }

  sent(from: WireEnd, frame: Uint8Array): readonly Uint8Array[] {
    const side = from === this.ends[0] ? 0 : 1
    const frames = this.#twists[side]?.(frame, this) ?? [frame]
    this.#net.tell(from.life.host.name, from.peer.life.host.name, frames)
    if (!this.#net.isFlipped(this.hosts)) return frames
    // The receiver's transport finds that the frame is not what was sealed: it takes nothing more of this connection.
    this.break(new Error('a frame was changed on the way'))
    return []
  }

  get hosts(): readonly [string, string] {
    return [this.ends[0].life.host.name, this.ends[1].life.host.name]
  }

  /** Both ends learn of it, each in its own time. */
  break(failure: unknown): void {
    if (!this.open) return
    this.open = false
    for (const end of this.ends) end.life.after(this.#net.wayMs(), () => end.break(failure))
  }

  /** One end's process is gone: its system resets the connection, when anybody can still hear it. */
  endedBy(life: Life): void {
    const left = this.ends.find((end) => end.life !== life)
    if (left === undefined || !this.open) return
    this.open = false
    const waitMs = this.#net.isCut(this.hosts) ? IDLE_TIMEOUT_MS : this.#net.wayMs()
    left.life.after(waitMs, () => left.break(new Error('reset')))
  }

  /** A partition is over, or has lasted for longer than a connection may be silent. */
  release(): void {
    const held = this.#held
    this.#held = []
    this.#silentSinceUs = undefined
    if (this.open) for (const arrive of held) arrive()
  }

  #hold(arrive: () => void): void {
    const { timeline } = this.#net
    this.#held.push(arrive)
    if (this.#silentSinceUs !== undefined) return
    const sinceUs = timeline.nowUs
    this.#silentSinceUs = sinceUs
    timeline.after(IDLE_TIMEOUT_MS, () => {
      if (this.#silentSinceUs === sinceUs) this.break(new Error('idle'))
    })
  }
}

/** Streams between hosts. Datagrams below them are lost, doubled and overtaken, which above is nothing but delay. */
export class Network {
  readonly timeline: Timeline
  readonly #dice: Dice
  readonly #listening = new Map<string, Listening>()
  readonly #connections = new Set<Connection>()
  readonly #cuts = new Map<string, number>()
  readonly #flips = new Set<string>()
  /** Of each datagram that is lost. */
  loss = 0.01
  slowerMs = 0
  /** Told of all frames that leave a host. */
  tell: (from: string, to: string, frames: readonly Uint8Array[]) => void = () => {}

  constructor(timeline: Timeline, dice: Dice) {
    this.timeline = timeline
    this.#dice = dice
  }

  /** The network as one process has it. */
  peers(life: Life, twist?: Twist): Peers {
    return {
      dial: (endpoint, signal) => aborting(signal, this.#dial(life, `${endpoint.host}:${endpoint.port}`, twist)),
      listen: async (endpoint, onLink) => {
        const at = `${endpoint.host}:${endpoint.port}`
        if (this.#listening.has(at)) throw portTaken(at)
        const links = new Set<Link>()
        const listening: Listening = {
          life,
          host: life.host,
          take: (dialler, theirs) => {
            if (links.size >= MAX_LINKS) return undefined
            const connection = this.#connect([dialler, life], [theirs, twist])
            const handshake = this.#dice.bytes(32)
            const link = linkOver(connection.ends[1], {
              handshake,
              initiator: false,
              remote: `${dialler.host.address}:${this.#dice.int(32_768, 60_999)}`,
              timer: life.timer,
            })
            links.add(link)
            void link.closed.then(() => links.delete(link))
            life.after(0, () => onLink(link))
            const ends = { handshake: Uint8Array.from(handshake), initiator: true, remote: at, timer: dialler.timer }
            return linkOver(connection.ends[0], ends)
          },
        }
        this.#listening.set(at, listening)
        const stop = () => void this.#listening.delete(at)
        const forget = life.onEnd(stop)
        return {
          ...endpoint,
          close: async () => {
            stop()
            forget()
            for (const link of links) link.close()
          },
        }
      },
    }
  }

  /** Nothing goes between two hosts for `ms`. */
  partition(hosts: readonly [string, string], ms: number): void {
    const key = pair(hosts)
    this.#cuts.set(key, Math.max(this.#cuts.get(key) ?? 0, this.timeline.nowUs + ms * 1_000))
    this.timeline.after(ms + 0.001, () => {
      if (!this.isCut(hosts)) for (const one of this.#connections) if (pair(one.hosts) === key) one.release()
    })
  }

  /** Breaks all connections between two hosts. */
  cut(hosts: readonly [string, string]): void {
    for (const one of [...this.#connections]) if (pair(one.hosts) === pair(hosts)) one.break(new Error('cut'))
  }

  /** Somebody on the way changes bytes of what goes between two hosts for `ms`. */
  flip(hosts: readonly [string, string], ms: number): void {
    this.#flips.add(pair(hosts))
    this.timeline.after(ms, () => void this.#flips.delete(pair(hosts)))
  }

  /** All is well from now on. */
  heal(): void {
    this.#cuts.clear()
    this.#flips.clear()
    this.loss = 0
    this.slowerMs = 0
    for (const one of this.#connections) one.release()
  }

  isCut(hosts: readonly [string, string]): boolean {
    return (this.#cuts.get(pair(hosts)) ?? 0) > this.timeline.nowUs
  }

  isFlipped(hosts: readonly [string, string]): boolean {
    return this.#flips.has(pair(hosts))
  }

  /** How long one message takes. */
  wayMs(): number {
    let ms = 0.2 + this.#dice.around(WAY_MS) + this.slowerMs
    while (this.#dice.chance(this.loss)) ms += AGAIN_MS
    return ms
  }

  #connect(lives: readonly [Life, Life], twists: readonly (Twist | undefined)[]): Connection {
    const connection = new Connection(this, lives, twists)
    this.#connections.add(connection)
    for (const life of lives)
      life.onEnd(() => {
        connection.endedBy(life)
        this.#connections.delete(connection)
      })
    return connection
  }

  async #dial(life: Life, at: string, twist: Twist | undefined): Promise<Link> {
    await life.later(this.wayMs() * 2, () => {})
    const found = this.#listening.get(at)
    const hosts = [life.host.name, found?.host.name ?? ''] as const
    if (found !== undefined && this.isCut(hosts)) {
      await life.later(HANDSHAKE_TIMEOUT_MS, () => {})
      throw peerTimeout(at, 'finish the handshake', HANDSHAKE_TIMEOUT_MS)
    }
    const link = found?.take(life, twist)
    if (link === undefined) throw peerUnreachable(at, undefined)
    return link
  }
}

const pair = (hosts: readonly [string, string]): string => [...hosts].sort().join(' ')

/** The outcome of `work`, or the signal's reason when it is aborted first. */
const aborting = <T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T> => {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

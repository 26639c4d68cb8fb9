import { toHex } from '../../domain/bytes.ts'
import type { Network } from '../../domain/chain/network.ts'
import { decode, encode } from '../../domain/codec.ts'
import type { Fact } from '../../domain/fact.ts'
import { Fault } from '../../domain/fault.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import type { ChainEngine } from '../../src/chain/port.ts'
import { systemClock } from '../../src/clock/system.ts'
import { nativeCurve } from '../../src/curve/native.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import type { Journal } from '../../src/journal/port.ts'
import { openStreams, type Streams } from '../../src/journal/streams.ts'
import type { Party } from '../../src/lease/party.ts'
import type { Log } from '../../src/log/port.ts'
import { ChainWatch } from '../../src/market/chain-watch.ts'
import { TrackRecord } from '../../src/market/track-record.ts'
import { Watched } from '../../src/market/watched.ts'
import type { Peers } from '../../src/peer/port.ts'
import { systemRandom } from '../../src/random/system.ts'
import { deriveKeys, type Keys } from '../../src/wallet/keys.ts'
import type { Wallet } from '../../src/wallet/port.ts'
import { openWallet } from '../../src/wallet/wallet.ts'
import { Fuse } from './fuse.ts'

/** How long a test waits for a fact. */
const FACT_LIMIT_MS = 50_000

export type Trap = (facts: readonly Fact[]) => 'before' | 'after' | undefined

/** One incarnation of a node's process: everything that dies with it. */
export type Life = {
  readonly fuse: Fuse
  readonly journal: Journal
  readonly streams: Streams
  readonly watched: Watched
  readonly engine: ChainEngine
  readonly wallet: Wallet
  readonly peers: Peers
  readonly party: Party
  /** Ends what follows the chain, in order. */
  stop(): Promise<void>
}

/** A node without its role: keys and a journal that outlive its processes. */
export class Participant {
  readonly name: string
  readonly keys: Keys
  readonly key: string
  /** The log itself, seen from outside: it outlives every process. */
  readonly journal: Journal
  /** What it said in its log, for a failed test. */
  readonly said: string[] = []
  trap: Trap = () => undefined
  /** How far somebody has set its wall clock ahead, ms. */
  jumpedMs = 0
  /** Its calls to the chain fail, as when that is out of reach. */
  chainAway = false
  readonly #engine: ChainEngine
  readonly #peers: Peers

  constructor(name: string, network: Network, engine: ChainEngine, peers: Peers, journal: Journal = memoryJournal()) {
    this.name = name
    this.journal = journal
    this.keys = deriveKeys(systemRandom.bytes(64), { coinType: network.coinType })
    this.key = toHex(this.keys.identity.publicKey)
    this.#engine = engine
    this.#peers = peers
  }

  live(): Life {
    const fuse = new Fuse()
    const journal = fuse.journal(this.journal, (facts) => this.trap(facts))
    const engine = fuse.port(outOfReach(this.#engine, () => this.chainAway))
    const clock = fuse.clock({ ...systemClock, now: () => systemClock.now() + this.jumpedMs })
    const streams = openStreams(journal)
    const wallet = openWallet({ keys: this.keys, journal, engine, clock, curve: nativeCurve })
    const stop = new AbortController()
    const log = this.#log()
    const watched = new Watched(journal)
    const following = [
      new ChainWatch({ engine, journal, streams, clock, log, watched }).run(stop.signal),
      wallet.follow(stop.signal),
    ].map((part) => part.catch((err) => log.error({ err }, 'stopped following')))
    const party: Party = {
      streams,
      engine,
      network: this.#engine.network,
      keys: this.keys,
      curve: nativeCurve,
      clock,
      random: systemRandom,
      log,
      channelKey: (leaseId) => wallet.channelKey(leaseId),
      payoutScript: async () => toHex(await wallet.receiveScript()),
      track: new TrackRecord(journal, clock),
    }
    return {
      fuse,
      journal,
      streams,
      watched,
      engine,
      wallet,
      peers: fuse.peers(this.#peers),
      party,
      stop: async () => {
        stop.abort(new Error('stopped'))
        if (!fuse.blown) await Promise.all(following)
      },
    }
  }

  /** All facts so far, of one type. */
  async facts<T extends LeaseFact['type']>(type: T): Promise<Extract<LeaseFact, { type: T }>[]>
  async facts(type?: string): Promise<Fact[]>
  async facts(type?: string): Promise<Fact[]> {
    const all = await this.journal.readAll(0, type ? { types: [type] } : undefined, 10_000)
    return all.map(({ fact }) => fact)
  }

  /** The first fact of a type, past or to come, that fits. */
  async fact<F extends Fact = Fact & Record<string, never>>(
    type: string,
    fits: (fact: F) => boolean = () => true,
    atLeast = 1,
  ): Promise<F> {
    const stop = new AbortController()
    const limit = setTimeout(() => stop.abort(new Error(`no ${type}`)), FACT_LIMIT_MS)
    let seen = 0
    try {
      for await (const followed of this.journal.follow(0, { types: [type] }, stop.signal)) {
        if (followed.kind !== 'fact') continue
        const fact = followed.recorded.fact as F
        if (fits(fact) && ++seen >= atLeast) return fact
      }
    } catch (error) {
      if (!stop.signal.aborted) throw error
    } finally {
      clearTimeout(limit)
      stop.abort(new Error('done'))
    }
    throw new Error(`${this.name}: ${type} never came (${seen} of ${atLeast}); ${await this.story()}`)
  }

  /** What happened, in short, for the message of a failed test. */
  async story(): Promise<string> {
    const facts = (await this.facts()).filter((fact) => !/^(chain|wallet)\./.test(fact.type))
    const short = facts.slice(-25).map((fact) => {
      const { code, culprit, why, tick } = fact as Fact & Record<string, unknown>
      return [fact.type, code, culprit, why, tick].filter((part) => part !== undefined).join(' ')
    })
    return `${this.name}\n  ${short.join('\n  ')}\n said\n  ${this.said.slice(-12).join('\n  ')}`
  }

  #log(): Log {
    const say = (fields: object, message: string) => {
      const { err } = fields as { err?: { code?: string; message?: string; stack?: string } }
      const { err: _, ...rest } = fields as { err?: unknown }
      const plain = encode(decode(encode(rest)))
      this.said.push(`${message} ${plain} ${err ? `${err.code ?? ''} ${err.message} ` : ''}`)
    }
    return { debug: say, info: say, warn: say, error: say }
  }
}

type Call = (...args: unknown[]) => unknown

/** What follows it goes on: it hears of blocks as soon as it could ask. */
const outOfReach = (engine: ChainEngine, isAway: () => boolean): ChainEngine =>
  new Proxy(engine, {
    get: (target, key) => {
      const value = Reflect.get(target, key, target)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) =>
        key !== 'follow' && isAway()
          ? Promise.reject(new Fault('chain.unreachable', 'the chain is away in this test'))
          : (value as Call).apply(target, args)
    },
  })

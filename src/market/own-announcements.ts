import type { AnnouncementState } from '../../domain/announcement/announcement.ts'
import { type AnnouncementBody, bodyHash } from '../../domain/announcement/body.ts'
import type { Order } from '../../domain/announcement/facts.ts'
import { BOND_VOUT, DEFAULT_BOND_SATS, encodeRecord } from '../../domain/announcement/record.ts'
import { nullData } from '../../domain/chain/script.ts'
import { isRefusal, type Refusal } from '../../domain/fact.ts'
import { Fault } from '../../domain/fault.ts'
import { announcementStream, leaseStream, legOf } from '../../domain/ids.ts'
import { timer, timerStream } from '../../domain/timer/timer.ts'
import type { ChainEngine } from '../chain/port.ts'
import type { Clock } from '../clock/port.ts'
import type { Journal, Position } from '../journal/port.ts'
import { readTypes } from '../journal/read-types.ts'
import type { Streams } from '../journal/streams.ts'
import type { Offers, Wanted } from '../lease/publisher/deps.ts'
import { Picker } from '../lease/publisher/picker.ts'
import type { Log } from '../log/port.ts'
import type { Endpoint } from '../peer/port.ts'
import type { NotYet, ProcessCounts } from '../process/port.ts'
import { Processes } from '../process/processes.ts'
import type { Random } from '../random/port.ts'
import type { Wallet } from '../wallet/port.ts'
import { announcementEffects, filledStep, giveUpKey, giveUpSteps } from './announcement-effects.ts'
import { announcementRules } from './chain-plan.ts'
import type { Watched } from './watched.ts'

const LEASE_PREFIX = leaseStream('')
const MIB = 1_048_576
const GIB = 1_073_741_824
/** An offer that was taken just when the time was up gets this much longer to be funded, ms. */
const GIVE_UP_AGAIN_MS = 2_000

export type OwnAnnouncementsOptions = {
  readonly streams: Streams
  readonly journal: Journal
  readonly engine: ChainEngine
  readonly wallet: Wallet
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly watched: Watched
  readonly counts?: ProcessCounts
}

/** What this publisher asks for: posts it, knows what is open, and withdraws what is filled or given up. */
export class OwnAnnouncements implements Offers {
  readonly #options: OwnAnnouncementsOptions
  readonly #open = new Map<string, Wanted>()
  #processes: Processes | undefined
  readonly #watched: Watched

  constructor(options: OwnAnnouncementsOptions) {
    this.#options = options
    this.#watched = options.watched
  }

  /** Takes up what was posted before, also by a version that asked for nothing in the log. */
  async start(): Promise<void> {
    const { streams, clock } = this.#options
    await this.#watched.catchUp()
    for (const txid of this.#watched.own()) {
      const wanted = await this.#wanted(txid)
      if (!wanted) continue
      const at = clock.now()
      await streams.transact([
        ...giveUpSteps(at, txid, wanted.order.giveUpAt),
        ...(wanted.picker.full ? [filledStep(at, txid)] : []),
      ])
    }
    this.#processes = new Processes({ ...this.#options, name: 'publisher', kinds: announcementEffects(this) })
  }

  /** Leases of this publisher on which something is left to do. */
  async unfinished(): Promise<readonly string[]> {
    await this.#watched.catchUp()
    return this.#watched.open('publisher')
  }

  async reopened(): Promise<readonly string[]> {
    await this.#watched.catchUp()
    return [...new Set(this.#watched.reopened().map((id) => legOf(id).leaseId))]
  }

  /** Leases whose money came to rest since then, Unix ms: they may have been paid since. */
  async overSince(at: number): Promise<readonly string[]> {
    const settled = await readTypes(this.#options.journal, 'lease.settled')
    return settled.filter(({ fact }) => fact.at >= at).map(({ stream }) => stream.slice(LEASE_PREFIX.length))
  }

  async close(): Promise<void> {
    await this.#processes?.close()
  }

  /** Puts a request on the chain. `reference`: a repeated one answers with the first announcement. @returns its txid */
  async post(
    request: { body: AnnouncementBody; order: Order; expiryBlocks: number; reference: string },
    endpoint: Endpoint,
  ): Promise<{ txid: string; position: Position } | Refusal> {
    const { engine, wallet, streams, clock } = this.#options
    const { body, order, expiryBlocks, reference } = request
    const { height } = await engine.tip()
    const record = encodeRecord({
      isolation: body.isolation,
      count: body.count,
      cpuMillis: body.resources.cpuMillis,
      memoryMiB: Math.ceil(body.resources.memoryBytes / MIB),
      diskGiB: Math.ceil(body.resources.diskBytes / GIB),
      maxHourlyMsat: body.maxHourlyMsat,
      expiryHeight: height + expiryBlocks,
      host: endpoint.host,
      port: endpoint.port,
      bodyHash: bodyHash(body),
    })
    const outputs = [
      { script: nullData(record), value: 0n },
      { script: wallet.identity.script, value: DEFAULT_BOND_SATS },
    ]
    const sent = await wallet.announce({ outputs, reference: `announcement-${reference}` })
    if (isRefusal(sent)) return sent
    const { txid } = sent
    const at = clock.now()
    const posted = await streams.transact([
      {
        decider: announcementRules,
        stream: announcementStream(txid),
        command: [{ kind: 'post', at, txid, body, order }],
      },
      ...giveUpSteps(at, txid, order.giveUpAt),
    ])
    if (isRefusal(posted)) return posted
    await this.#wanted(txid)
    return { txid, position: posted.position }
  }

  /** Spends the bond, which takes the announcement off the market. @returns the withdrawing transaction */
  async withdraw(txid: string): Promise<{ withdrawalTxid: string } | Refusal> {
    const { wallet, streams, clock } = this.#options
    const state = await this.#state(txid)
    if (!state.context.own) return { refused: 'not-own', why: 'this node has posted no such announcement' }
    if (state.value === 'withdrawn') return { refused: 'withdrawn', why: 'it was withdrawn before' }
    const sent = await wallet.spendOutput({ outpoint: { txid, vout: BOND_VOUT } })
    if (isRefusal(sent)) return sent
    this.#open.delete(txid)
    await streams.execute(timer, timerStream(giveUpKey(txid)), { kind: 'cancel', at: clock.now() })
    return { withdrawalTxid: sent.txid }
  }

  async wanted(outpoint: string): Promise<Wanted | undefined> {
    const txid = outpoint.slice(0, 64)
    return outpoint === `${txid}:${BOND_VOUT}` ? await this.#wanted(txid) : undefined
  }

  async body(txid: string): Promise<AnnouncementBody | undefined> {
    const { context } = await this.#state(txid)
    return context.own ? context.body : undefined
  }

  async order(outpoint: string): Promise<Order | undefined> {
    return (await this.#state(outpoint.slice(0, 64))).context.order
  }

  async #state(txid: string): Promise<AnnouncementState> {
    return (await this.#options.streams.load(announcementRules, announcementStream(txid))).state
  }

  async #wanted(txid: string): Promise<Wanted | undefined> {
    const { value, context } = await this.#state(txid)
    if (!context.own || !context.body || !context.order || (value !== 'posted' && value !== 'standing')) {
      this.#open.delete(txid)
      return undefined
    }
    const known = this.#open.get(txid)
    if (known) return known
    const outpoint = `${txid}:${BOND_VOUT}`
    const { body, order } = context
    const filled = [...(await this.#filled(txid))]
    const picker = new Picker({ count: body.count, windowMs: order.offerWindowMs, clock: this.#options.clock, filled })
    const wanted = this.#open.get(txid) ?? { outpoint, body, order, picker }
    this.#open.set(txid, wanted)
    return wanted
  }

  /** Leases of an announcement that were funded: they hold their places, also after a restart. */
  async #filled(txid: string): Promise<readonly string[]> {
    await this.#watched.catchUp()
    return this.#watched.filled(txid)
  }

  /** Withdraws an announcement whose places are all taken by funded leases. Idempotent. */
  async withdrawIfFilled(txid: string): Promise<void> {
    const wanted = await this.#wanted(txid)
    if (!wanted || (await this.#filled(txid)).length < wanted.body.count) return
    await this.#takeBack(txid)
  }

  /** Nobody agreed in time. Idempotent. */
  async giveUp(txid: string): Promise<NotYet | undefined> {
    const wanted = await this.#wanted(txid)
    if (!wanted || wanted.picker.full) return undefined
    if (wanted.picker.busy) return { againMs: GIVE_UP_AGAIN_MS }
    await this.#takeBack(txid)
    return undefined
  }

  /** @throws Fault when it cannot be done now: whoever asks tries again */
  async #takeBack(txid: string): Promise<void> {
    const done = await this.withdraw(txid)
    if (!isRefusal(done) || done.refused === 'withdrawn' || done.refused === 'already-spent') return
    throw new Fault('market.not-withdrawn', `announcement ${txid} could not be withdrawn: ${done.why}`, {
      culprit: 'chain',
    })
  }
}

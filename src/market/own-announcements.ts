import type { AnnouncementState } from '../../domain/announcement/announcement.ts'
import { type AnnouncementBody, bodyHash } from '../../domain/announcement/body.ts'
import type { Order } from '../../domain/announcement/facts.ts'
import { BOND_VOUT, DEFAULT_BOND_SATS, encodeRecord } from '../../domain/announcement/record.ts'
import { nullData } from '../../domain/chain/script.ts'
import { isRefusal, type Refusal } from '../../domain/fact.ts'
import { announcementStream, leaseStream } from '../../domain/ids.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import type { ChainEngine } from '../chain/port.ts'
import type { Clock } from '../clock/port.ts'
import type { Journal, Position } from '../journal/port.ts'
import { readTypes } from '../journal/read-types.ts'
import type { Streams } from '../journal/streams.ts'
import { leaseRules } from '../lease/ledger.ts'
import type { Wanted } from '../lease/publisher/deps.ts'
import { Picker } from '../lease/publisher/picker.ts'
import type { Offers } from '../lease/publisher/publisher.ts'
import type { Log } from '../log/port.ts'
import type { Endpoint } from '../peer/port.ts'
import type { Wallet } from '../wallet/port.ts'
import { announcementRules } from './chain-watch.ts'

const MIB = 1_048_576
const GIB = 1_073_741_824
/** How often announcements that were filled or given up are looked for, ms. */
const SWEEP_MS = 500

type LeaseSought = Extract<LeaseFact, { type: 'lease.sought' }>

export type OwnAnnouncementsOptions = {
  readonly streams: Streams
  readonly journal: Journal
  readonly engine: ChainEngine
  readonly wallet: Wallet
  readonly clock: Clock
  readonly log: Log
}

/** What this publisher asks for: posts it, knows what is open, and withdraws what is filled or given up. */
export class OwnAnnouncements implements Offers {
  readonly #options: OwnAnnouncementsOptions
  readonly #open = new Map<string, Wanted>()
  readonly #stop = new AbortController()
  #sweeping: Promise<void> | undefined

  constructor(options: OwnAnnouncementsOptions) {
    this.#options = options
  }

  /** Takes up what was posted before. */
  async start(): Promise<void> {
    const { journal } = this.#options
    for (const { stream } of await readTypes(journal, 'announcement.posted'))
      await this.#wanted(stream.slice('announcement-'.length))
    this.#sweeping = this.#sweep()
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error('the node stops'))
    await this.#sweeping?.catch(() => {})
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
    const posted = await streams.execute(announcementRules, announcementStream(txid), [
      { kind: 'post', at: clock.now(), txid, body, order },
    ])
    if (isRefusal(posted)) return posted
    await this.#wanted(txid)
    return { txid, position: posted.position }
  }

  /** Spends the bond, which takes the announcement off the market. @returns the withdrawing transaction */
  async withdraw(txid: string): Promise<{ withdrawalTxid: string } | Refusal> {
    const { wallet } = this.#options
    const state = await this.#state(txid)
    if (!state.context.own) return { refused: 'not-own', why: 'this node has posted no such announcement' }
    if (state.value === 'withdrawn') return { refused: 'withdrawn', why: 'it was withdrawn before' }
    const sent = await wallet.spendOutput({ outpoint: { txid, vout: BOND_VOUT } })
    if (isRefusal(sent)) return sent
    this.#open.delete(txid)
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
    const filled = await this.#filled(outpoint)
    const picker = new Picker({ count: body.count, windowMs: order.offerWindowMs, clock: this.#options.clock, filled })
    const wanted = this.#open.get(txid) ?? { outpoint, body, order, picker }
    this.#open.set(txid, wanted)
    return wanted
  }

  /** Leases of an announcement that were funded: they hold their places, also after a restart. */
  async #filled(outpoint: string): Promise<string[]> {
    const { journal, streams } = this.#options
    const filled: string[] = []
    for (const { fact } of await readTypes<LeaseSought>(journal, 'lease.sought')) {
      const { announcement, leaseId } = fact
      if (announcement !== outpoint) continue
      const { state } = await streams.load(leaseRules, leaseStream(leaseId))
      if (state.context.funding) filled.push(leaseId)
    }
    return filled
  }

  async #sweep(): Promise<void> {
    const { clock, log } = this.#options
    for (;;) {
      await clock.sleep(SWEEP_MS, this.#stop.signal)
      for (const [txid, { picker, order }] of this.#open) {
        const givenUp = order.giveUpAt !== undefined && clock.now() > order.giveUpAt && !picker.busy
        if (!picker.full && !givenUp) continue
        const done = await this.withdraw(txid).catch((err) => {
          log.warn({ announcement: txid, err }, 'an announcement could not be withdrawn yet')
          return undefined
        })
        if (done && isRefusal(done))
          log.warn({ announcement: txid, refused: done }, 'an announcement could not be withdrawn')
      }
    }
  }
}

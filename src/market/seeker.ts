import type { AnnouncementState } from '../../domain/announcement/announcement.ts'
import { BOND_VOUT } from '../../domain/announcement/record.ts'
import { concat, fromHex, toHex } from '../../domain/bytes.ts'
import type { BlockRef } from '../../domain/chain/block.ts'
import { taggedHash } from '../../domain/chain/hash.ts'
import { encode, encodeBytes } from '../../domain/codec.ts'
import type { Refusal } from '../../domain/fact.ts'
import { announcementStream, leaseIdOf, leaseStream } from '../../domain/ids.ts'
import { isOver, type LeaseState, stageOf } from '../../domain/lease/lease.ts'
import { match, type Policy, type Verdict, whyNot } from '../../domain/match.ts'
import { type Resources, SIZES } from '../../domain/resources.ts'
import type { Lending } from '../api/port.ts'
import { sleepUntilAborted } from '../clock/port.ts'
import { isAway, type Journal } from '../journal/port.ts'
import { leaseRules, openLedger } from '../lease/ledger.ts'
import { Closes } from '../lease/provider/closes.ts'
import type { ProviderParty, Sought } from '../lease/provider/deps.ts'
import { ProviderLease } from '../lease/provider/run.ts'
import { Bodies } from './bodies.ts'
import { announcementRules } from './chain-plan.ts'
import { mayPass } from './may-pass.ts'
import type { Watched } from './watched.ts'

/** How often the market is looked over when nothing new was heard, ms. */
const LOOK_MS = 1_000
/** Facts that may change a verdict. */
const NEWS = ['announcement.seen', 'announcement.described', 'lease.released']
/** New leases tried for one place of an announcement after failures that may pass. */
const ATTEMPTS = 3
/**
 * Places of one announcement that came to nothing, after which it is left alone: a body may ask for 65,535 machines, and each try is
 * written down, and may make a machine.
 */
const MOST_UNMADE = 16

export type SeekerOptions = {
  readonly party: ProviderParty
  readonly journal: Journal
  readonly policy: Policy
  /** All that this provider lends out. */
  readonly total: Resources
  readonly watched: Watched
}

/**
 * The provider's eyes: looks at every announcement that stands, judges it by the policy, and runs the leases. It works on the
 * state of the log and not on single facts, so that a restart, a missed fact or freed room all lead to the same look.
 */
export class Seeker {
  readonly #options: SeekerOptions
  readonly #watched: Watched
  readonly #running = new Map<string, { readonly lease: ProviderLease; readonly done: Promise<void> }>()
  readonly #bodies: Bodies
  readonly #closes: Closes
  readonly #stop = new AbortController()
  #looking: Promise<unknown> | undefined
  /** Aborted when something was heard since the newest look began. */
  #news = new AbortController()

  constructor(options: SeekerOptions) {
    this.#options = options
    this.#watched = options.watched
    this.#closes = new Closes(options.party)
    this.#bodies = new Bodies(options.party, (txid) => this.#watched.standing.has(txid), this.#stop.signal)
  }

  /** Adopts the machines of leases that go on, removes all others, and begins to look. */
  async start(): Promise<void> {
    const { party } = this.#options
    const going = new Set<string>()
    await this.#watched.catchUp()
    for (const leaseId of this.#watched.open('provider')) {
      const ledger = openLedger(party.streams, leaseId)
      let state = await ledger.lease()
      if (['announce', 'challenge', 'negotiate'].includes(stageOf(state))) {
        const why = 'the provider restarted before anything was agreed'
        state = await ledger.record([{ kind: 'fail', at: party.clock.now(), code: 'node-restarted', why }])
      }
      if (isOver(state) && (state.context.released || !state.context.terms)) continue
      going.add(leaseId)
      const sought = await this.#soughtOf(state)
      if (sought) this.#run(leaseId, sought)
    }
    for (const leaseId of await party.machines.list()) if (!going.has(leaseId)) await party.machines.remove(leaseId)
    this.#looking = Promise.all([this.#look(), this.#listen()])
  }

  /** Stops looking; running leases stay as they are, machines and all: a restart goes on with them. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('the node stops'))
    this.#news.abort('stopped')
    await this.#looking?.catch(() => {})
    await Promise.allSettled([...this.#running.values()].map(({ done }) => done))
  }

  /** Ends all leases and waits until their machines are gone, or for `withinMs`: for a market that is to leave nothing behind. */
  async endAll(withinMs: number): Promise<void> {
    const running = [...this.#running.values()]
    for (const { lease } of running) lease.stop()
    const late = new AbortController()
    const limit = this.#options.party.clock.sleep(withinMs, late.signal).catch(() => {})
    await Promise.race([Promise.allSettled(running.map(({ done }) => done)), limit])
    late.abort()
  }

  /** @returns false when no such lease runs here */
  stopLease(leaseId: string): boolean {
    this.#running.get(leaseId)?.lease.stop()
    return this.#running.has(leaseId)
  }

  /** Wants a machine to stand still, or to go on; written down first, so that a crash forgets nothing. Done at the lease's next tick. */
  pauseLease(leaseId: string, paused: boolean): Promise<LeaseState | Refusal> {
    const { streams, clock } = this.#options.party
    return openLedger(streams, leaseId).try([{ kind: 'want-pause', at: clock.now(), paused }])
  }

  /** Leases that run here. */
  get running(): readonly (readonly [string, ProviderLease])[] {
    return [...this.#running].map(([leaseId, { lease }]) => [leaseId, lease])
  }

  /** By which rules it lends out what. */
  async lending(): Promise<Lending> {
    const { policy, total, party } = this.#options
    return { policy, total, open: party.open?.(), availability: await party.track.own() }
  }

  async #look(): Promise<void> {
    const { party } = this.#options
    const signal = this.#stop.signal
    for (;;) {
      signal.throwIfAborted()
      try {
        this.#news = new AbortController()
        await this.#lookOnce()
        await sleepUntilAborted(party.clock, LOOK_MS, this.#news.signal)
      } catch (err) {
        signal.throwIfAborted()
        // A log on a server may be out of reach for a while: the market is looked at again when it is back.
        party.log.warn({ err }, 'the market cannot be looked at; trying again')
        await party.clock.sleep(LOOK_MS, signal)
      }
    }
  }

  async #lookOnce(): Promise<void> {
    await this.#watched.catchUp()
    this.#bodies.forgetGone()
    const ledgers = (leaseIds: readonly string[]) =>
      leaseIds.map((leaseId) => openLedger(this.#options.party.streams, leaseId))
    const reopened = ledgers(this.#watched.reopened())
    await this.#closes.again(reopened)
    await this.#closes.tend([...ledgers(this.#watched.open('provider')), ...reopened])
    let tip: Promise<BlockRef> | undefined
    // Asked once for all of them, and only where one is to be judged.
    const height = async () => {
      tip ??= this.#options.party.engine.tip()
      return (await tip).height
    }
    for (const txid of this.#watched.standing.keys()) {
      await this.#consider(txid, height).catch((err) =>
        this.#options.party.log.warn({ announcement: txid, err }, 'an announcement could not be considered'),
      )
    }
  }

  /** Hears of facts that may change a verdict. One follower for all looks: a new one for each cost more than the look itself (measured). */
  async #listen(): Promise<void> {
    const { journal, party } = this.#options
    const { signal } = this.#stop
    while (!signal.aborted) {
      try {
        for await (const followed of journal.follow(await journal.head(), { types: NEWS, quiet: true }, signal))
          if (followed.kind === 'fact') this.#news.abort('heard')
      } catch (err) {
        party.log.debug({ err }, 'the news cannot be heard; the looks go on')
      }
      await sleepUntilAborted(party.clock, LOOK_MS, signal)
    }
  }

  async #consider(txid: string, heightNow: () => Promise<number>): Promise<void> {
    const { party, policy } = this.#options
    const state = await this.#announcement(txid)
    const { record, body, author } = state.context
    if (!record || author === toHex(party.keys.identity.publicKey)) return
    if (!body) return this.#bodies.fetch(txid, record, author)
    let unmade = 0
    for (let place = 0; place < body.count && unmade < MOST_UNMADE; place++) {
      const { leaseId, state: lease } = await this.#lease(txid, place)
      if (!leaseId || (lease && isOver(lease) && !lease.context.funding)) unmade++
      if (!leaseId || (lease && lease.context.leaseId !== '')) continue
      const request = { publisherKey: author, expiryHeight: record.expiryHeight, body }
      const open = party.open?.()
      const availability = body.minAvailabilityPermille === undefined ? undefined : await party.track.own()
      const now = { free: await this.#free(), leases: this.#running.size, height: await heightNow() }
      const more = { ...(open && { open }), ...(availability && { availability }) }
      const verdict = match(request, policy, { ...now, ...more })
      await this.#judged(state, txid, verdict)
      if (!verdict.ok) return
      const outpoint = `${txid}:${BOND_VOUT}`
      await this.#begin(leaseId, verdict, { endpoint: record, outpoint, publisherKey: author, body })
    }
  }

  /** The lease for one place of an announcement: the newest try, or a fresh id; no id when there is nothing more to try. */
  async #lease(txid: string, place: number): Promise<{ leaseId?: string; state?: LeaseState }> {
    const { party } = this.#options
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const leaseId = this.#leaseId(txid, place, attempt)
      const { state } = await party.streams.load(leaseRules, leaseStream(leaseId))
      if (!mayPass(state)) return { leaseId, state }
    }
    return {}
  }

  /** Nobody else can guess it, and this node finds it again: a crash between two facts never begins a second lease. */
  #leaseId(txid: string, place: number, attempt: number): string {
    const { secret } = this.#options.party.keys.identity
    return leaseIdOf(taggedHash('zennet/lease-id', concat(secret, fromHex(txid), encodeBytes([place, attempt]))))
  }

  async #begin(leaseId: string, verdict: Verdict, sought: Sought): Promise<void> {
    const { party } = this.#options
    const { outpoint: announcement, publisherKey, endpoint } = sought
    const at = party.clock.now()
    const remote = `${endpoint.host}:${endpoint.port}`
    await openLedger(party.streams, leaseId).record([
      { kind: 'seek', at, leaseId, side: 'provider', announcement, publisherKey, remote },
      { kind: 'match', at, verdict },
    ])
    this.#run(leaseId, sought)
  }

  #run(leaseId: string, sought: Sought): void {
    const { party } = this.#options
    const lease = new ProviderLease(party, leaseId, sought, this.#closes)
    const done = this.#whileLogIsAway(leaseId, () => lease.run(this.#stop.signal))
      .catch((err) => {
        if (!this.#stop.signal.aborted)
          party.log.error({ lease: leaseId, err }, 'a lease stopped on a fault; a restart takes it up again')
      })
      .finally(() => this.#running.delete(leaseId))
    this.#running.set(leaseId, { lease, done })
  }

  /** A lease goes on from its log, so one that stopped because the log was away goes on when it is back. */
  async #whileLogIsAway(leaseId: string, run: () => Promise<void>): Promise<void> {
    const { party } = this.#options
    for (;;) {
      try {
        return await run()
      } catch (err) {
        if (!isAway(err)) throw err
        party.log.warn({ lease: leaseId, err }, 'the log of a lease cannot be used now; trying again')
        await party.clock.sleep(LOOK_MS, this.#stop.signal)
      }
    }
  }

  /** Judgements are kept for people who ask why; the same one twice says nothing new. */
  async #judged({ context }: AnnouncementState, txid: string, verdict: Verdict): Promise<void> {
    const { party } = this.#options
    if (
      context.verdict &&
      encode(context.verdict.rules.map(({ rule, ok }) => [rule, ok])) ===
        encode(verdict.rules.map(({ rule, ok }) => [rule, ok]))
    )
      return
    if (!verdict.ok) party.log.info({ announcement: txid }, `not for this provider: ${whyNot(verdict)}`)
    await party.streams.execute(announcementRules, announcementStream(txid), [
      { kind: 'judge', at: party.clock.now(), verdict },
    ])
  }

  async #free(): Promise<Resources> {
    const { total, party } = this.#options
    const free = { ...total }
    for (const leaseId of this.#running.keys()) {
      const { context } = await openLedger(party.streams, leaseId).lease()
      const used =
        context.terms?.resources ??
        (await this.#announcement(context.announcement.slice(0, 64))).context.body?.resources
      if (!used || context.released) continue
      for (const size of SIZES) free[size] -= used[size]
    }
    return free
  }

  async #announcement(txid: string): Promise<AnnouncementState> {
    return (await this.#options.party.streams.load(announcementRules, announcementStream(txid))).state
  }

  async #soughtOf({ context }: LeaseState): Promise<Sought | undefined> {
    const { context: announced } = await this.#announcement(context.announcement.slice(0, 64))
    const { record, body, author } = announced
    return record && body ? { endpoint: record, outpoint: context.announcement, publisherKey: author, body } : undefined
  }
}

import { toHex } from '../../../domain/bytes.ts'
import { isRefusal, type Refusal } from '../../../domain/fact.ts'
import type { EndCode } from '../../../domain/lease/ends.ts'
import { isOver, type LeaseState, stageOf } from '../../../domain/lease/lease.ts'
import { deadlineMsOf, type Stage } from '../../../domain/lease/stage.ts'
import { challenge } from '../../peer/challenge.ts'
import type { Endpoint, Link, Listener, Peers } from '../../peer/port.ts'
import { type Ledger, openLedger } from '../ledger.ts'
import { noticeCommand, tellNotice, type When } from '../notice.ts'
import { NoticeClock } from '../notice-clock.ts'
import { PausedTime } from '../paused-time.ts'
import { parseSubject, type Subject } from '../subject.ts'
import { heardOver, type Talk, talkOver } from '../talk.ts'
import { Waits } from '../waits.ts'
import { Admissions } from './admissions.ts'
import { admit } from './admit.ts'
import { Changes } from './changes.ts'
import type { Offers, PublisherParty } from './deps.ts'
import { recoverFunding } from './fund.ts'
import { Fundings } from './fundings.ts'
import { lateEnd, tellEnd } from './late.ts'
import { wantPause } from './pauses.ts'
import { Readings } from './readings.ts'
import { refundExpired, refundReopened } from './refund.ts'
import { ServedTime } from './served-time.ts'
import { serveSession } from './session.ts'
import { ShellPorts } from './shell-ports.ts'
import { TopUps } from './top-ups.ts'
import { Tunnels } from './tunnels.ts'

/** How often leases are looked over for silence and missed deadlines, ms. */
const SWEEP_MS = 500
const REFUND_LOOK_MS = 2_000 // a channel expires at a block, so the chain is not asked as often
type Live = {
  heardAtUs: number
  readonly notice: NoticeClock
  refundsAtUs?: number
  talk: Talk | undefined
}

/** Answers providers, watches over running leases, and brings their shells to this machine. */
export class Publisher {
  readonly #party: PublisherParty
  readonly #offers: Offers
  readonly #live = new Map<string, Live>()
  readonly #tunnels: Tunnels
  readonly #admissions: Admissions
  readonly #topUps: TopUps
  readonly #readings: Readings
  readonly #ports: ShellPorts
  readonly changes: Changes
  readonly #refunds = new Waits()
  readonly #stop = new AbortController()
  #listener: Listener | undefined
  #sweeping: Promise<void> | undefined

  constructor(party: Omit<PublisherParty, 'served' | 'fundings' | 'paused'>, offers: Offers) {
    const { clock } = party
    this.#party = {
      ...party,
      served: new ServedTime(clock),
      fundings: new Fundings(party),
      paused: new PausedTime(clock),
    }
    this.#offers = offers
    this.#admissions = new Admissions(party.clock)
    this.#tunnels = new Tunnels(party)
    this.#ports = new ShellPorts(this.#tunnels, (leaseId) => this.#live.get(leaseId)?.talk)
    this.#readings = new Readings(this.#party, this.#ports, (state, why) =>
      tellEnd(this.#live.get(state.context.leaseId)?.talk, state, why),
    )
    const orderOf = (outpoint: string) => offers.order(outpoint)
    this.#topUps = new TopUps(this.#party, orderOf)
    this.changes = new Changes(this.#party, orderOf, (leaseId) => this.#live.get(leaseId)?.talk)
  }

  /** Listens, and takes up the leases that were running. @param leaseIds those that are not over, and those that were paid today */
  async start(peers: Peers, endpoint: Endpoint, leaseIds: readonly string[]): Promise<Endpoint> {
    for (const leaseId of leaseIds) {
      const ledger = openLedger(this.#party.streams, leaseId)
      const state = await ledger.lease()
      this.#party.spending.recall(state.context)
      if (state.context.side !== 'publisher' || isOver(state)) continue
      // Nothing was agreed, so nothing is at stake: the session with the provider did not outlive this process.
      if (!state.context.terms)
        await ledger.try([{ kind: 'fail', at: this.#now(), code: 'node-restarted', why: 'the publisher restarted' }])
      else {
        // One lease that cannot be taken up yet must not keep the others from it: the sweep tries again.
        await recoverFunding(this.#party, ledger, state).catch((err) =>
          this.#party.log.warn({ lease: leaseId, err }, 'what was paid for a lease is not known yet; trying again'),
        )
        await this.#topUps.recover(ledger, stageOf(state) === 'settle')
        this.#watch(leaseId)
      }
    }
    this.#listener = await peers.listen(endpoint, (link) => {
      this.#answer(link).catch((err) => {
        this.#party.log.info({ remote: link.remote, err }, 'a session was refused')
        link.close()
      })
    })
    this.#sweeping = this.#sweep()
    return { host: this.#listener.host, port: this.#listener.port }
  }

  async close(): Promise<void> {
    // Before anything is awaited: it rejects at once, and a rejection that nobody handles ends the process.
    const swept = this.#sweeping?.catch(() => {})
    this.#stop.abort(new Error('the node stops'))
    for (const live of this.#live.values()) live.talk?.close()
    this.#readings.close()
    await this.#listener?.close()
    await swept
    await this.#ports.closeAll()
  }

  /** Asks the provider for the end of a lease, or takes that back; written down first, so that it is said again after a crash. */
  async stopLease(leaseId: string, when?: When): Promise<Refusal | undefined> {
    const done = await openLedger(this.#party.streams, leaseId).try([noticeCommand(this.#now(), 'publisher', when)])
    if (isRefusal(done)) return done
    await tellNotice(this.#live.get(leaseId)?.talk, done, this.#now())
    return undefined
  }

  /** Wants so many sats more in a lease; written down first, so that it is asked for again after a crash. */
  topUpLease(leaseId: string, topUp: { sats: bigint; reference: string }): Promise<LeaseState | Refusal> {
    return this.#topUps.want(openLedger(this.#party.streams, leaseId), topUp, this.#live.get(leaseId)?.talk)
  }

  /** Wants the machine to stand still, or to go on; written down first, so that it is asked for again after a crash. */
  pauseLease(leaseId: string, paused: boolean): Promise<LeaseState | Refusal> {
    return wantPause(this.#party, openLedger(this.#party.streams, leaseId), paused, this.#live.get(leaseId)?.talk)
  }

  /** The data is fetched: the provider may remove the machine before the grace is over. @returns false when it cannot be told */
  async release(leaseId: string): Promise<boolean> {
    const talk = this.#live.get(leaseId)?.talk
    if (!talk) return false
    return await talk.send({ type: 'release' }).then(
      () => true,
      () => false,
    )
  }

  /** A port on loopback that leads to the lease's shell; undefined when there is no session to bring it. */
  async shellPort(leaseId: string): Promise<number | undefined> {
    return (await this.#ports.of(leaseId))?.port
  }

  #now(): number {
    return this.#party.clock.now()
  }

  async #answer(link: Link): Promise<void> {
    const { keys, network, curve, random } = this.#party
    const { peerKey, subject: text } = await challenge(link, {
      role: 'publisher',
      identity: keys.identity,
      network: network.name,
      acceptSubject: (subject) => parseSubject(subject) !== undefined,
      curve,
      random,
      signal: this.#stop.signal,
    })
    const subject = parseSubject(text)!
    switch (subject.kind) {
      case 'body':
        return await this.#sendBody(link, subject)
      case 'tunnel':
        return await this.#tunnels.take(link, subject, toHex(peerKey))
      case 'lease':
        return await this.#lease(link, subject, toHex(peerKey))
    }
  }

  async #sendBody(link: Link, { txid }: Extract<Subject, { kind: 'body' }>): Promise<void> {
    const body = await this.#offers.body(txid)
    if (body) await talkOver(link).send({ type: 'body', body })
    else
      await talkOver(link).send({
        type: 'refuse',
        code: 'announcement-closed',
        why: 'not an announcement of this node',
      })
    link.close()
  }

  async #lease(
    link: Link,
    { leaseId, outpoint }: Extract<Subject, { kind: 'lease' }>,
    providerKey: string,
  ): Promise<void> {
    const talk = talkOver(link)
    const ledger = openLedger(this.#party.streams, leaseId)
    const refusal = await admit(this.#party, this.#offers, this.#admissions, ledger, outpoint, providerKey, talk)
    if (refusal) {
      await talk.send({ type: 'refuse', code: refusal, why: 'this lease cannot begin or go on here' })
      return talk.close()
    }
    const live = this.#watch(leaseId)
    const heard = () => {
      live.heardAtUs = this.#party.clock.steadyUs()
    }
    heard()
    live.talk?.close()
    live.talk = talk
    try {
      const wanted = await this.#offers.wanted(outpoint)
      await serveSession(this.#party, ledger, wanted, providerKey, heardOver(talk, heard), {
        topUps: this.#topUps,
        readings: this.#readings,
        changes: this.changes,
      })
    } finally {
      // Also when the log could not be told how it ended: the lease would else wait for a session that is over.
      if (live.talk === talk) live.talk = undefined
    }
  }

  #watch(leaseId: string): Live {
    const known = this.#live.get(leaseId)
    if (known) return known
    const heardAtUs = this.#party.clock.steadyUs()
    const live: Live = { heardAtUs, notice: new NoticeClock(this.#party.clock), talk: undefined }
    this.#live.set(leaseId, live)
    return live
  }

  async #sweep(): Promise<void> {
    for (;;) {
      await this.#party.clock.sleep(SWEEP_MS, this.#stop.signal)
      for (const [leaseId, live] of this.#live) {
        await this.#look(leaseId, live).catch((err) =>
          this.#party.log.error({ lease: leaseId, err }, 'a lease could not be looked over'),
        )
      }
      const again = this.#offers.reopened().then((ids) => refundReopened(this.#party, ids, this.#refunds))
      await again.catch((err) => this.#party.log.error({ err }, 'what a reorganisation took back is not known'))
    }
  }

  async #look(leaseId: string, live: Live): Promise<void> {
    const ledger = openLedger(this.#party.streams, leaseId)
    const state = await ledger.lease()
    const stage = stageOf(state)
    const nowUs = this.#party.clock.steadyUs()
    const silentMs = (nowUs - live.heardAtUs) / 1000
    const { terms, notice } = state.context
    const at = this.#now()
    // Seen soon after it was written: what is asked of it later does not depend on the wall clock.
    const { served, paused } = this.#party
    served.elapsedUs(state.context)
    paused.wantedMs(state.context)
    const overdueMs = notice ? live.notice.overMs(notice) : 0
    if (isOver(state)) {
      if (live.talk) return
      this.#live.delete(leaseId)
      served.forget(leaseId)
      this.#party.spending.release(leaseId, state.context.paidSats)
      this.#topUps.forget(leaseId)
      this.changes.forget(leaseId)
      this.#readings.forget(leaseId)
      paused.forget(leaseId)
      await this.#ports.close(leaseId)
    } else if (stage === 'meter' && terms) {
      const late = lateEnd(state.context, { overdueMs, silentMs, pausedMs: paused.ms(state.context) })
      if (late) await this.#end(ledger, live, late.code, late.why)
      else await Promise.all([this.#topUps.tend(ledger, state, live.talk), this.changes.tend(ledger, state)])
    } else if (stage === 'settle' && terms) {
      if (state.context.wanted) await this.#topUps.recover(ledger, true)
      if (nowUs < (live.refundsAtUs ?? 0)) return
      live.refundsAtUs = nowUs + REFUND_LOOK_MS * 1000
      await refundExpired(this.#party, ledger, this.#refunds)
    } else if (!live.talk && silentMs > deadlineMsOf(stage)) {
      // The log may have taken nothing when its session broke.
      if (stage === 'provision') await recoverFunding(this.#party, ledger, state)
      const done = await ledger.try([{ kind: 'lapse', at, stage: stage as Stage }])
      if (isRefusal(done)) this.#party.log.warn({ lease: leaseId, refused: done }, 'a lease could not lapse')
    }
  }

  /** Ends it from this side alone: nothing more is paid from here on, whatever the provider goes on to send. */
  async #end(ledger: Ledger, live: Live, code: EndCode, why: string): Promise<void> {
    await tellEnd(live.talk, await ledger.record([{ kind: 'end', at: this.#now(), code, why }]), why)
  }
}

import { fromHex } from '../../../domain/bytes.ts'
import { Fault } from '../../../domain/fault.ts'
import { isOver, type LeaseState, stageOf } from '../../../domain/lease/lease.ts'
import type { PauseCode } from '../../../domain/lease/pauses.ts'
import type { Stage } from '../../../domain/lease/stage.ts'
import { isAway } from '../../journal/port.ts'
import { challenge } from '../../peer/challenge.ts'
import type { Link } from '../../peer/port.ts'
import { backoffMs } from '../backoff.ts'
import { failureOf } from '../failure.ts'
import { type Ledger, openLedger } from '../ledger.ts'
import type { MessageOf } from '../messages.ts'
import { steadySince } from '../steady-since.ts'
import { formatSubject, type Subject } from '../subject.ts'
import { lastWord, PeerRefused, type Talk, talkOver } from '../talk.ts'
import type { Closes } from './closes.ts'
import { keepData, type LastSession } from './data-grace.ts'
import type { ProviderParty, Sought } from './deps.ts'
import { negotiate } from './negotiate.ts'
import { isPassing } from './passing.ts'
import { type PauseWishes, saidPauses } from './pauses.ts'
import { provision } from './provision.ts'
import { Serving, type ServingEnd } from './serving.ts'
import { farewell, releaseMachine } from './settle.ts'

/** How often something that has to be done in the end (close, removal) is tried again, ms. */
const RETRY_MS = 2_000

/** One lease on the provider's side, from wherever its log stands to its end. Sessions and processes may be lost: the log goes on. */
export class ProviderLease {
  readonly #party: ProviderParty
  readonly #ledger: Ledger
  readonly #sought: Sought
  readonly #closes: Closes
  readonly #wishes: PauseWishes = new Map()
  #serving: Serving | undefined
  #stopped: ServingEnd | undefined
  /** Steady clock: when it was agreed, and when it ended. */
  #agreedUs: number | undefined
  #endedUs: number | undefined

  constructor(party: ProviderParty, leaseId: string, sought: Sought, closes: Closes) {
    this.#party = party
    this.#ledger = openLedger(party.streams, leaseId)
    this.#sought = sought
    this.#closes = closes
  }

  /** The provider wants it to end. */
  stop(): void {
    this.#closes.expect(this.#ledger.leaseId)
    this.#stopped ??= { code: 'stopped-by-provider', why: 'the provider asked for the end' }
    this.#serving?.stop(this.#stopped)
  }

  /** The provider wants its machine to stand still for this reason, or not any more; done at the lease's next tick. */
  pause(code: PauseCode, paused: boolean): void {
    this.#wishes.set(code, paused)
  }

  /** Resolves when the lease is over, or when only the chain is left to speak. @throws the signal's reason when aborted */
  async run(signal: AbortSignal): Promise<void> {
    let lostAtUs: number | undefined
    for (let attempt = 0; ; attempt++) {
      signal.throwIfAborted()
      const state = await this.#ledger.lease()
      if (isOver(state) || stageOf(state) === 'settle') break
      let talk: Talk | undefined
      try {
        talk = await this.#connect(state, signal)
        lostAtUs = undefined
        attempt = 0
        await this.#session(talk, signal)
      } catch (error) {
        signal.throwIfAborted()
        // Says nothing of the other side, and nothing could be written down: the lease is run again when the log is back.
        if (isAway(error)) throw error
        lostAtUs ??= this.#party.clock.steadyUs()
        const reason = await lastWord(talk, error)
        await this.#lost(reason, (this.#party.clock.steadyUs() - lostAtUs) / 1000, talk)
        const next = stageOf(await this.#ledger.lease())
        if (['connect', 'provision', 'meter'].includes(next)) await this.#party.clock.sleep(backoffMs(attempt), signal)
      } finally {
        talk?.close()
      }
    }
    const session = await this.#tell(signal)
    await this.#clear(signal, session).finally(() => session?.talk.close())
  }

  /** Dials and proves both keys. The first time these are the lease's first facts; later sessions only resume. */
  async #connect(state: LeaseState, signal: AbortSignal): Promise<Talk> {
    const { clock } = this.#party
    const first = stageOf(state) === 'connect'
    const link = await this.#party.peers.dial(this.#sought.endpoint, signal)
    try {
      if (first) await this.#ledger.record([{ kind: 'connect', at: clock.now(), remote: link.remote }])
      const { leaseId } = this.#ledger
      await this.#prove(link, { kind: 'lease', leaseId, outpoint: this.#sought.outpoint }, signal)
      if (first) await this.#ledger.record([{ kind: 'challenge', at: clock.now(), peerKey: this.#sought.publisherKey }])
      return talkOver(link)
    } catch (error) {
      link.close()
      throw error
    }
  }

  async #prove(link: Link, subject: Subject, signal: AbortSignal): Promise<void> {
    const { keys, network, curve, random } = this.#party
    await challenge(link, {
      role: 'provider',
      identity: keys.identity,
      network: network.name,
      subject: formatSubject(subject),
      expectedKey: fromHex(this.#sought.publisherKey),
      curve,
      random,
      signal,
    })
  }

  /** From the stage that the log is in to the end of the lease, or until the session breaks. */
  async #session(talk: Talk, signal: AbortSignal): Promise<void> {
    await this.#serving?.recover()
    let state = await this.#ledger.lease()
    if (stageOf(state) === 'negotiate') await negotiate(this.#party, this.#ledger, this.#sought, talk)
    else {
      const stage = stageOf(state) === 'provision' ? 'provision' : 'meter'
      const { tick, usage, pauses } = state.context
      await talk.send({ type: 'resume', stage, tick, usage, ...saidPauses(pauses) })
    }
    state = await this.#ledger.lease()
    if (stageOf(state) === 'provision')
      this.#stopped ??= await provision(this.#party, this.#ledger, state.context.terms!, talk, signal)
    const serving = await this.#servingOf()
    if (!serving.starved) await serving.begin()
    const end = await serving.over(talk, (message) => this.#tunnel(message, signal), signal)
    const ended = await this.#finish(serving, end)
    const asked: MessageOf<'tunnel'>[] = []
    await this.#farewell(ended, talk, end.why, asked).catch((err) =>
      this.#party.log.warn(
        { lease: this.#ledger.leaseId, err },
        'the publisher has not signed everything; its vouchers are enough',
      ),
    )
    await this.#clear(signal, { talk, asked })
  }

  async #servingOf(): Promise<Serving> {
    this.#serving ??= new Serving(this.#party, this.#ledger, await this.#ledger.lease(), this.#wishes)
    if (this.#stopped) this.#serving.stop(this.#stopped)
    return this.#serving
  }

  /** A session could not be had, or broke. What that means depends on how far the lease had come. */
  async #lost(error: unknown, lostMs: number, talk: Talk | undefined): Promise<void> {
    const { clock, log } = this.#party
    const { leaseId } = this.#ledger
    const state = await this.#ledger.lease()
    const stage = stageOf(state)
    const { code, why } = failureOf(error)
    log.info({ lease: leaseId, stage, err: error }, 'the session with the publisher ended')
    if (stage === 'meter') return await this.#lostWhileServing(state.context.terms!.reconnectMs)
    if (stage === 'settle' || isOver(state)) return
    const at = clock.now()
    const { agreedAt } = state.context
    if (agreedAt !== undefined) this.#agreedUs ??= steadySince(clock, agreedAt)
    const agreedMs = (clock.steadyUs() - (this.#agreedUs ?? 0)) / 1000
    if (isPassing(state, { code, lostMs, agreedMs })) return
    if (talk) await talk.send({ type: 'refuse', code, why: why.slice(0, 500) }).catch(() => {})
    if (code === 'stage-timeout') await this.#ledger.record([{ kind: 'lapse', at, stage: stage as Stage }])
    else if (error instanceof PeerRefused) await this.#ledger.record([{ kind: 'refuse', at, code, why }])
    else await this.#ledger.record([{ kind: 'fail', at, code, why }])
  }

  async #finish(serving: Serving, end: ServingEnd): Promise<LeaseState> {
    this.#closes.expect(this.#ledger.leaseId)
    const ended = await serving.finish(end)
    this.#endedUs ??= this.#party.clock.steadyUs()
    return ended
  }

  #farewell(ended: LeaseState, talk: Talk, why: string, asked: MessageOf<'tunnel'>[]): Promise<void> {
    return farewell(this.#party, this.#ledger, ended, talk, why, this.#closes, (message) => asked.push(message))
  }

  async #lostWhileServing(reconnectMs: number): Promise<void> {
    const serving = await this.#servingOf()
    try {
      const end = this.#stopped ?? (await serving.dueEnd())
      if (end) await this.#finish(serving, end)
      else if (serving.starvedMs > reconnectMs)
        await this.#finish(serving, { code: 'publisher-silent', why: `nothing was paid for ${reconnectMs} ms` })
      else await serving.starve('peer-unreachable')
    } catch (error) {
      if (!(error instanceof Fault) || !error.code.startsWith('machine.')) throw error
      await this.#finish(serving, { code: 'host-fault', why: error.message })
    }
  }

  async #close(signal: AbortSignal): Promise<void> {
    for (;;) {
      const state = await this.#ledger.lease()
      if (isOver(state) || !state.context.terms) return
      try {
        return await this.#closes.close(this.#ledger)
      } catch (err) {
        signal.throwIfAborted()
        if (err instanceof Fault && err.code === 'channel.not-worth-closing') {
          return this.#party.log.warn(
            { lease: this.#ledger.leaseId, err },
            'the fee is above what was paid: left to the publisher',
          )
        }
        this.#party.log.warn({ lease: this.#ledger.leaseId, err }, 'the channel could not be closed yet; trying again')
        await this.#party.clock.sleep(RETRY_MS, signal)
      }
    }
  }

  /** The session in which it ended may be lost, or the process: the publisher is told in a new one, when it answers. */
  async #tell(signal: AbortSignal): Promise<LastSession | undefined> {
    const state = await this.#ledger.lease()
    const { end, receipt } = state.context
    if (stageOf(state) !== 'settle' || !end || receipt?.publisherSignature) return undefined
    if ((await this.#ledger.channel()).context.spend) return undefined
    const asked: MessageOf<'tunnel'>[] = []
    let talk: Talk | undefined
    try {
      talk = await this.#rejoin(signal)
      const why = 'it ended while there was no session'
      await this.#farewell(state, talk, why, asked)
      return { talk, asked }
    } catch (err) {
      talk?.close()
      signal.throwIfAborted()
      this.#party.log.info({ lease: this.#ledger.leaseId, err }, 'the publisher could not be told of the end')
      return undefined
    }
  }

  /** For a publisher that wants its data, however the lease stands on the chain. */
  async #rejoin(signal: AbortSignal): Promise<Talk> {
    const state = await this.#ledger.lease()
    const talk = await this.#connect(state, signal)
    const { tick, usage } = state.context
    await talk.send({ type: 'resume', stage: 'meter', tick, usage })
    return talk
  }

  /** Whatever the end: the money to the chain, the machine away. Neither waits for the other: a chain may be out of reach for long. */
  async #clear(signal: AbortSignal, session?: LastSession): Promise<void> {
    const onTunnel = (message: MessageOf<'tunnel'>) => this.#tunnel(message, signal)
    const grace = keepData(
      this.#party,
      { ledger: this.#ledger, endedUs: this.#endedUs, session, onTunnel, connect: (stop) => this.#rejoin(stop) },
      signal,
    ).catch((err) => {
      signal.throwIfAborted()
      this.#party.log.warn({ lease: this.#ledger.leaseId, err }, 'the machine could not be kept for its data')
    })
    const parts = [this.#close(signal), grace.then(() => this.#release(signal))]
    await Promise.all(parts).finally(() => Promise.allSettled(parts))
  }

  async #release(signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        return await releaseMachine(this.#party, this.#ledger)
      } catch (err) {
        signal.throwIfAborted()
        this.#party.log.warn({ lease: this.#ledger.leaseId, err }, 'the machine could not be removed yet; trying again')
        await this.#party.clock.sleep(RETRY_MS, signal)
      }
    }
  }

  /** Brings the publisher the second stream that it asked for, and joins it to the shell. */
  #tunnel({ id }: MessageOf<'tunnel'>, signal: AbortSignal): void {
    const { leaseId } = this.#ledger
    const open = async () => {
      const link = await this.#party.peers.dial(this.#sought.endpoint, signal)
      await this.#prove(link, { kind: 'tunnel', leaseId, id }, signal)
      this.#party.gateway.serve(link.toDuplex())
    }
    open().catch((err) => this.#party.log.warn({ lease: leaseId, err }, 'no tunnel to the publisher'))
  }
}

import { closeMarginBlocks } from '../../../domain/channel/margin.ts'
import { isRefusal } from '../../../domain/fact.ts'
import { believedEnd, type EndCode } from '../../../domain/lease/ends.ts'
import type { LeaseState } from '../../../domain/lease/lease.ts'
import { capacityUsed } from '../../../domain/lease/legs.ts'
import type { Terms } from '../../../domain/terms.ts'
import { isAway } from '../../journal/port.ts'
import type { UsageMeter } from '../../meter/usage-meter.ts'
import { peerTimeout } from '../../peer/port.ts'
import type { Ledger } from '../ledger.ts'
import type { Message, MessageOf } from '../messages.ts'
import type { Talk } from '../talk.ts'
import { Coins } from './coins.ts'
import type { ProviderParty } from './deps.ts'
import { letIn } from './greeting.ts'
import { type ChainHeight, watchHeight } from './height.ts'
import { leaseMeter } from './lease-meter.ts'
import { type MachineEnd, watchMachine } from './machine-end.ts'
import { answerTopUp, takeTopUp } from './top-ups.ts'
import { openTurns } from './turns.ts'
import { Wishes } from './wishes.ts'

/** Why serving came to an end. */
export type ServingEnd = { readonly code: EndCode; readonly why: string }

/**
 * The metering stage of one lease on the provider's side: machine, meter, newest voucher. One object lives as long as the lease is
 * served by this process; sessions with the publisher come and go.
 */
export class Serving {
  readonly #party: ProviderParty
  readonly #ledger: Ledger
  readonly #meter: UsageMeter
  readonly #height: ChainHeight
  readonly #coins: Coins
  readonly #machineEnd: MachineEnd
  readonly #wishes: Wishes
  #state: LeaseState
  #stopped: ServingEnd | undefined
  /** Since when it stands still because the chain has not enough of its coins in blocks. */
  #heldUs: number | undefined
  /** A top-up that was agreed to, and is not funded yet: it is waited for where the lease would end without it. */
  #expected: number | undefined
  /** There is no session, either. */
  #heldAlone = false
  #starvedSince: number | undefined
  #sessionSince = 0
  /** The log took nothing: the machine stands still, and what it used last is not written down. */
  #unwritten = false

  constructor(party: ProviderParty, ledger: Ledger, state: LeaseState) {
    const { terms, funding, usage } = state.context
    if (terms === undefined || funding === undefined) throw new Error('a lease is served once it is agreed and funded')
    this.#party = party
    this.#ledger = ledger
    this.#state = state
    this.#height = watchHeight(party)
    this.#coins = new Coins(party, ledger)
    this.#machineEnd = watchMachine(party.machines, party.clock, terms.leaseId)
    this.#wishes = new Wishes(party, ledger)
    this.#meter = leaseMeter(party, terms, usage)
  }

  get #terms(): Terms {
    return this.#state.context.terms!
  }

  get starved(): boolean {
    return this.#starvedSince !== undefined
  }

  /** How long nothing was paid, over however many sessions, ms; 0 while it is served. */
  get starvedMs(): number {
    return this.#starvedSince === undefined ? 0 : (this.#party.clock.steadyUs() - this.#starvedSince) / 1000
  }

  /** Asks for the end; the loop sees it at its next turn. */
  stop(end: ServingEnd): void {
    this.#stopped ??= end
  }

  /** Why it cannot go on: its end was announced and is due, or the machine is gone. */
  async dueEnd(known?: LeaseState): Promise<ServingEnd | undefined> {
    const { notice } = (known ?? (await this.#ledger.lease())).context
    return this.#wishes.due(notice) ?? (await this.#machineEnd())
  }

  /** Opens the shell and starts the meter. */
  async begin(): Promise<void> {
    await this.#party.machines.thaw(this.#terms.leaseId)
    letIn(this.#party, this.#state.context)
    this.#starvedSince = undefined
    this.#heldUs = undefined
    await this.#meter.resume()
  }

  /** The machine stands still and nothing is billed until the next voucher. */
  async starve(why: 'unpaid' | 'peer-unreachable' | 'unconfirmed'): Promise<void> {
    if (this.starved) {
      // What it waited for until now was not the publisher's fault: that one has its whole time to come back.
      if (why === 'peer-unreachable' && this.#heldUs !== undefined && !this.#heldAlone)
        this.#starvedSince = this.#party.clock.steadyUs()
      this.#heldAlone = why === 'peer-unreachable'
      return
    }
    const usage = await this.#meter.pause()
    await this.#party.machines.freeze(this.#terms.leaseId)
    this.#starvedSince = this.#party.clock.steadyUs()
    const at = this.#party.clock.now()
    const { tick, paidTick, usage: billed } = this.#state.context
    // A publisher that hangs up before each tick, and comes back, would otherwise be served for nothing.
    const metered =
      paidTick >= tick && usage.wallUs > billed.wallUs
        ? [{ kind: 'meter' as const, at, tick: tick + 1, usage, elapsedUs: usage.wallUs }]
        : []
    this.#state = await this.#ledger.record([...metered, { kind: 'starve', at, tick: tick + metered.length, why }])
  }

  /** After the log was away: what was used until then is written down before the machine runs again. */
  async recover(): Promise<void> {
    if (!this.#unwritten) return
    this.#starvedSince = undefined
    await this.starve('unpaid')
    this.#unwritten = false
  }

  /** Serves over one session until the lease has to end. @throws Fault `peer.*` when the session breaks: resume with another */
  async over(talk: Talk, onTunnel: (message: MessageOf<'tunnel'>) => void, signal: AbortSignal): Promise<ServingEnd> {
    const { clock } = this.#party
    this.#sessionSince = clock.steadyUs()
    this.#heldAlone = false
    this.#wishes.begin()
    const turns = openTurns(clock, this.#terms.tickMs, talk, signal)
    try {
      for (;;) {
        const event = await turns.next()
        const end = event === 'tick' ? await this.#tick(talk) : await this.#hear(talk, event, onTunnel)
        if (end) return end
      }
    } catch (error) {
      // Without a log nobody would know what is owed, nor that it was paid.
      this.#unwritten = isAway(error)
      if (signal.aborted || this.#unwritten) await this.#suspend()
      throw error
    } finally {
      turns.close()
    }
  }

  /** Nobody would meter the machine, so it stands still: until the next start, or until the log can be written. */
  async #suspend(): Promise<void> {
    const { leaseId } = this.#terms
    await this.#meter.pause().catch(() => undefined)
    await this.#party.machines
      .freeze(leaseId)
      .catch((err) => this.#party.log.warn({ lease: leaseId, err }, 'the machine runs on unmetered'))
  }

  /** The last reading, with the machine standing still. */
  async finish({ code, why }: ServingEnd): Promise<LeaseState> {
    const { leaseId } = this.#terms
    // A machine that is gone has no counters: what was metered before is all that is billed.
    const usage = await this.#meter.pause().catch(() => this.#state.context.usage)
    await this.#party.machines.freeze(leaseId).catch(() => {})
    const at = this.#party.clock.now()
    const { tick, usage: before } = this.#state.context
    const elapsedUs = usage.wallUs
    const billed =
      usage.wallUs > before.wallUs ? [{ kind: 'meter' as const, at, tick: tick + 1, usage, elapsedUs }] : []
    this.#unwritten = true // the lease goes on until it is, the machine does not
    this.#state = await this.#ledger.record([...billed, { kind: 'end', at, code, why }])
    this.#unwritten = false
    return this.#state
  }

  async #tick(talk: Talk): Promise<ServingEnd | undefined> {
    if (this.#stopped) return this.#stopped
    const { maxDurationMs, graceTicks, tickMs } = this.#terms
    this.#state = await this.#ledger.lease()
    const { context } = this.#state
    await this.#wishes.tell(talk, this.#state, this.#height.read())
    const due = await this.dueEnd(this.#state)
    if (due) return due
    if (context.usage.wallUs >= BigInt(maxDurationMs) * 1000n)
      return { code: 'duration-reached', why: `${maxDurationMs} ms were agreed` }
    const height = this.#height.read()
    if (height !== undefined && height >= this.#terms.channel.expiryHeight - closeMarginBlocks(this.#party.network))
      return { code: 'duration-reached', why: 'the channel is about to expire' }
    if (this.#heldUs !== undefined) return await this.#held(talk, this.#heldUs)
    if (this.#starvedSince !== undefined) {
      // A publisher that was out of reach has the same grace from when it came back.
      const waitedUs = this.#party.clock.steadyUs() - Math.max(this.#starvedSince, this.#sessionSince)
      if (waitedUs / 1000 <= graceTicks * tickMs) return undefined
      // A cut says nothing on a connection that stood before it: whether the publisher is there at all, only a new one tells.
      if (this.#starvedSince > this.#sessionSince) throw peerTimeout(talk.remote, 'pay', graceTicks * tickMs)
      return { code: 'unpaid', why: `no voucher for ${graceTicks} ticks, in a session that was new` }
    }
    if (context.paidTick < context.tick) {
      await this.starve('unpaid')
      return undefined
    }
    if (!(await this.#coins.areEnough(this.#state))) return await this.#hold()
    const usage = await this.#meter.sample()
    const tick = context.tick + 1
    this.#state = await this.#ledger.record([
      { kind: 'meter', at: this.#party.clock.now(), tick, usage, elapsedUs: usage.wallUs },
    ])
    if (this.#isFull() && this.#expected === undefined)
      return { code: 'capacity-used', why: 'the channel holds no further tick' }
    if (this.#isFull() || !(await this.#coins.areEnough(this.#state))) return await this.#hold()
    await talk.send({ type: 'tick', tick, usage })
    return undefined
  }

  #isFull(): boolean {
    const { usage, topUps } = this.#state.context
    return capacityUsed(this.#terms, usage, topUps)
  }

  /** The coins that it would be paid from are in no block, or in none any more: the machine stands still until they are. */
  async #hold(): Promise<undefined> {
    await this.starve('unconfirmed')
    this.#heldUs = this.#party.clock.steadyUs()
    await this.#coins.giveAgain()
    return undefined
  }

  async #held(talk: Talk, sinceUs: number): Promise<ServingEnd | undefined> {
    const { unconfirmedTicks, tickMs } = this.#terms
    if (this.#isFull() || !(await this.#coins.areEnough(this.#state))) {
      const waitedMs = (this.#party.clock.steadyUs() - sinceUs) / 1000
      return waitedMs > unconfirmedTicks * tickMs ? await this.#coins.missing() : undefined
    }
    // Its voucher thaws the machine, be it a new one or the newest again.
    this.#heldUs = undefined
    this.#starvedSince = this.#party.clock.steadyUs()
    const { tick, usage } = this.#state.context
    await talk.send({ type: 'tick', tick, usage })
    return undefined
  }

  async #hear(
    talk: Talk,
    message: Message,
    onTunnel: (message: MessageOf<'tunnel'>) => void,
  ): Promise<ServingEnd | undefined> {
    if (this.#wishes.is(message)) return await this.#wishes.heard(message)
    switch (message.type) {
      case 'voucher':
        return await this.#voucher(message)
      case 'tunnel':
        onTunnel(message)
        return undefined
      case 'top-up':
        return await this.#topUp(talk, message)
      case 'topped-up':
        return await this.#toppedUp(message)
      case 'end':
        return { code: believedEnd(message.code, 'publisher', false), why: message.why }
      case 'refuse':
        return { code: 'unpaid', why: `the publisher refused: ${message.code}: ${message.why}` }
      default:
        return { code: 'bad-voucher', why: `${message.type} where a voucher was due` }
    }
  }

  async #topUp(talk: Talk, message: MessageOf<'top-up'>): Promise<undefined> {
    const answer = await answerTopUp(this.#party, this.#ledger, this.#state, message, this.#height.read())
    if (answer.type === 'top-up-taken') this.#expected = answer.leg
    await talk.send(answer)
    return undefined
  }

  async #toppedUp(message: MessageOf<'topped-up'>): Promise<undefined> {
    const { length } = this.#state.context.topUps
    this.#state = await takeTopUp(this.#party, this.#ledger, message)
    this.#expected = undefined
    // The voucher behind it could not be read while the chain was asked: its time begins now.
    if (this.#state.context.topUps.length > length) this.#sessionSince = this.#party.clock.steadyUs()
    return undefined
  }

  async #voucher({ tick, ...voucher }: MessageOf<'voucher'>): Promise<ServingEnd | undefined> {
    const { tick: newest, paidTick, paidSats } = this.#state.context
    // Sent again in a new session, and later than the next tick: it says nothing about that one.
    if (tick < newest && tick === paidTick && voucher.paid === paidSats) return undefined
    const vouchers = await this.#coins.vouchers(this.#state)
    if (!vouchers.accepts(voucher)) return { code: 'bad-voucher', why: 'the signature does not fit the channel' }
    const at = this.#party.clock.now()
    const pay = { kind: 'pay', at, tick, paidSats: voucher.paid } as const
    const done = await this.#ledger.try([pay], vouchers.commands(at, voucher))
    if (isRefusal(done)) return { code: 'bad-voucher', why: `${done.refused}: ${done.why}` }
    this.#state = done
    if (!this.starved) return undefined
    if (this.#heldUs === undefined) await this.begin()
    // Paid with coins that are in no block: kept, and nothing served on it.
    else this.#state = await this.#ledger.record([{ kind: 'starve', at, tick, why: 'unconfirmed' }])
    return undefined
  }
}

import { isRefusal } from '../../../domain/fact.ts'
import type { LeaseCommand } from '../../../domain/lease/commands.ts'
import type { EndCode } from '../../../domain/lease/ends.ts'
import type { LeaseState } from '../../../domain/lease/lease.ts'
import type { Terms } from '../../../domain/terms.ts'
import type { UsageVector } from '../../../domain/usage.ts'
import { isAway } from '../../journal/port.ts'
import { peerTimeout } from '../../peer/port.ts'
import type { Ledger } from '../ledger.ts'
import type { Message, MessageOf } from '../messages.ts'
import type { Talk } from '../talk.ts'
import { agreedEnd, saidEnd } from './agreed-end.ts'
import { Coins } from './coins.ts'
import type { ProviderParty } from './deps.ts'
import { type ChainHeight, watchHeight } from './height.ts'
import { type MachineEnd, watchMachine } from './machine-end.ts'
import { furtherTick, MeteredMachine } from './metered-machine.ts'
import { Pauses, type PauseWishes } from './pauses.ts'
import { FurtherChannels } from './top-ups.ts'
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
  readonly #machine: MeteredMachine
  readonly #height: ChainHeight
  readonly #coins: Coins
  readonly #further: FurtherChannels
  readonly #machineEnd: MachineEnd
  readonly #wishes: Wishes
  readonly #pauses: Pauses
  #state: LeaseState
  #stopped: ServingEnd | undefined
  /** Since when it stands still because the chain has not enough of its coins in blocks. */
  #heldUs: number | undefined
  /** There is no session, either. */
  #heldAlone = false
  #starvedSince: number | undefined
  #sessionSince = 0
  /** The log took nothing: the machine stands still, and what it used last is not written down. */
  #unwritten = false

  constructor(party: ProviderParty, ledger: Ledger, state: LeaseState, wishes: PauseWishes) {
    const { terms, funding, usage } = state.context
    if (terms === undefined || funding === undefined) throw new Error('a lease is served once it is agreed and funded')
    this.#party = party
    this.#ledger = ledger
    this.#state = state
    this.#height = watchHeight(party)
    this.#coins = new Coins(party, ledger)
    this.#further = new FurtherChannels(party, ledger)
    this.#machineEnd = watchMachine(party.machines, party.clock, terms.leaseId)
    this.#wishes = new Wishes(party, ledger)
    this.#pauses = new Pauses(party.clock, terms, wishes)
    this.#machine = new MeteredMachine(party, terms, usage)
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

  get #isPaused(): boolean {
    return this.#state.matches({ meter: 'paused' })
  }

  async begin(): Promise<void> {
    await this.#machine.begin(this.#isPaused, this.#state.context)
    this.#starvedSince = undefined
    this.#heldUs = undefined
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
    const usage = await this.#machine.stop()
    this.#starvedSince = this.#party.clock.steadyUs()
    const at = this.#party.clock.now()
    const { tick, paidTick } = this.#state.context
    // A publisher that hangs up before each tick, and comes back, would otherwise be served for nothing.
    const metered = paidTick >= tick ? this.#billed(usage) : []
    this.#state = await this.#ledger.record([...metered, { kind: 'starve', at, tick: tick + metered.length, why }])
  }

  readonly #billed = (usage: UsageVector) => furtherTick(this.#state, usage, this.#party.clock.now())

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
    this.#pauses.begin()
    const turns = openTurns(clock, this.#terms.tickMs, talk, signal)
    try {
      for (;;) {
        const event = await turns.next()
        const end = event === 'tick' ? await this.#tick(talk) : await this.#hear(talk, event, onTunnel)
        // What came meanwhile may be a signature under other terms, or a top-up: both owe by it.
        const unread = end && (await turns.close())
        if (unread) await this.#hear(talk, unread, onTunnel)
        if (end) return end
      }
    } catch (error) {
      // Without a log nobody would know what is owed, nor that it was paid.
      this.#unwritten = isAway(error)
      if (signal.aborted || this.#unwritten) await this.#machine.suspend()
      throw error
    } finally {
      void turns.close()
    }
  }

  /** The last reading, with the machine standing still. */
  async finish({ code, why }: ServingEnd): Promise<LeaseState> {
    const usage = await this.#machine.last(this.#state.context.usage)
    const at = this.#party.clock.now()
    this.#unwritten = true // the lease goes on until it is, the machine does not
    this.#state = await this.#ledger.record([...this.#billed(usage), { kind: 'end', at, code, why }])
    this.#unwritten = false
    return this.#state
  }

  async #tick(talk: Talk): Promise<ServingEnd | undefined> {
    if (this.#stopped) return this.#stopped
    const { graceTicks, tickMs } = this.#terms
    await this.#wishes.tell(talk, await this.#ledger.lease(), this.#height.read())
    this.#state = await this.#ledger.lease()
    const { context } = this.#state
    const end =
      (await this.dueEnd(this.#state)) ??
      agreedEnd(context, this.#height.read(), this.#party.network) ??
      this.#pauses.tooLong(this.#state)
    if (end) return end
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
      if (this.#isPaused) return this.#pauses.unpaid(talk)
      await this.starve('unpaid')
      return undefined
    }
    const changes = this.#pauses.take(this.#state)
    if (changes.length > 0) return await this.#pause(talk, changes)
    if (this.#isPaused) return this.#pauses.isDue ? await this.#bill(talk) : undefined
    if (!(await this.#coins.areEnough(this.#state))) return await this.#hold()
    return await this.#bill(talk)
  }

  async #bill(talk: Talk): Promise<ServingEnd | undefined> {
    this.#state = await this.#ledger.record(this.#billed(await this.#machine.sample()))
    return await this.#send(talk)
  }

  /** Tells the publisher of the newest tick, unless the coins are used up, or not there. */
  async #send(talk: Talk): Promise<ServingEnd | undefined> {
    if (this.#further.isFull(this.#state) && !this.#further.isExpected)
      return { code: 'capacity-used', why: 'the channel holds no further tick' }
    const { tick, usage } = this.#state.context
    if (!this.#isPaused && (this.#further.isFull(this.#state) || !(await this.#coins.areEnough(this.#state))))
      return await this.#hold()
    await talk.send({ type: 'tick', tick, usage })
    this.#pauses.ticked()
    return undefined
  }

  /** What was used until now is billed as what it was; from here on the machine stands still, or goes on. */
  async #pause(talk: Talk, changes: readonly LeaseCommand[]): Promise<ServingEnd | undefined> {
    const usage = await this.#machine.stop()
    const done = await this.#ledger.try([...this.#billed(usage), ...changes])
    if (isRefusal(done)) {
      this.#party.log.warn({ lease: this.#ledger.leaseId, refused: done }, 'this lease cannot be paused')
      await this.begin()
      return undefined
    }
    this.#state = done
    const end = await this.#send(talk)
    if (end) return end
    await talk.send({ type: 'pausing', pauses: done.context.pauses.map(({ code }) => code) })
    if (!this.starved) await this.begin()
    return undefined
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
    if (this.#further.isFull(this.#state) || !(await this.#coins.areEnough(this.#state))) {
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
        return void onTunnel(message)
      case 'pause':
        return void this.#pauses.want('asked-by-publisher', message.paused)
      case 'top-up':
        return void (await this.#further.answer(talk, this.#state, message, this.#height.read()))
      case 'topped-up':
        return await this.#toppedUp(message)
      default:
        return saidEnd(message, this.#pauses.tooLong(this.#state)?.code)
    }
  }

  async #toppedUp(message: MessageOf<'topped-up'>): Promise<undefined> {
    const { length } = this.#state.context.topUps
    this.#state = await this.#further.take(message)
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

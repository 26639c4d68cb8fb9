import { payable } from '../../../domain/channel/legs.ts'
import { isRefusal } from '../../../domain/fact.ts'
import { reserveSats } from '../../../domain/lease/budget.ts'
import type { LeaseCommand } from '../../../domain/lease/commands.ts'
import type { EndCode } from '../../../domain/lease/ends.ts'
import type { LeaseState } from '../../../domain/lease/lease.ts'
import { capacitiesOf, dueSats } from '../../../domain/lease/legs.ts'
import { larger, satsForMsat } from '../../../domain/money.ts'
import type { Terms } from '../../../domain/terms.ts'
import type { UsageVector } from '../../../domain/usage.ts'
import type { Ledger } from '../ledger.ts'
import { openVouchers, type Voucher, type Vouchers } from '../legs.ts'
import type { MessageOf } from '../messages.ts'
import { signReceipt, verifyReceipt } from '../party.ts'
import { receiptFrom } from '../receipts.ts'
import type { Talk } from '../talk.ts'
import { believed } from './believing.ts'
import type { PublisherParty } from './deps.ts'
import { answerClose } from './plain-close.ts'

/** The publisher's side of metering: checks each tick, writes down, signs. Nothing is sent before it is on disk. */
export class Paying {
  readonly #party: PublisherParty
  readonly #ledger: Ledger
  /** As they are now. */
  #terms: Terms
  #vouchers: Vouchers
  /** Top-ups that the provider was told of in this session. */
  #told = 0
  #telling: Promise<void> = Promise.resolve()

  private constructor(party: PublisherParty, ledger: Ledger, terms: Terms, vouchers: Vouchers) {
    this.#party = party
    this.#ledger = ledger
    this.#terms = terms
    this.#vouchers = vouchers
  }

  static async open(party: PublisherParty, ledger: Ledger, state: LeaseState): Promise<Paying> {
    const { terms, funding } = state.context
    if (!terms || !funding) throw new Error('a lease is paid once it is agreed and funded')
    return new Paying(party, ledger, terms, await openVouchers(party, ledger, state))
  }

  /** Pays one tick. @returns the end, when the tick is not acceptable */
  async tick(talk: Talk, message: MessageOf<'tick'>): Promise<LeaseState | undefined> {
    const { tick, usage } = message
    const before = await this.#ledger.lease()
    const { end } = before.context
    if (end) return await this.end(talk, end.code as EndCode, 'it was ended before')
    const done = await this.#pay(talk, before, tick, usage)
    if (!isRefusal(done)) {
      await talk.send(done)
      return undefined
    }
    const own = ['usage-impossible', 'daily-budget-used'] as const
    const code: EndCode = own.find((known) => known === done.refused) ?? 'bad-voucher'
    return await this.end(talk, code, `tick ${tick}: ${done.refused}: ${done.why}`)
  }

  /** After a session was lost: the newest voucher again, so that the machine runs on. */
  async again(talk: Talk): Promise<void> {
    const { context } = await this.#ledger.lease()
    const { paidTick: tick, paidSats } = context
    await talk.send({ type: 'voucher', tick, ...(await this.#voucher(talk, () => paidSats)) })
  }

  /** The provider's last tick after a session was lost, when this side has not seen it. */
  async resume(talk: Talk, { tick, usage }: MessageOf<'resume'>): Promise<LeaseState | undefined> {
    const { context } = await this.#ledger.lease()
    if (tick > context.tick) return await this.tick(talk, { type: 'tick', tick, usage })
    await this.again(talk)
    return undefined
  }

  /** Ends it from this side. */
  async end(talk: Talk, code: EndCode, why: string): Promise<LeaseState> {
    const state = await this.#ledger.record([{ kind: 'end', at: this.#party.clock.now(), code, why }])
    const { tick, usage } = state.context
    await talk.send({ type: 'end', code, why: why.slice(0, 500), tick, usage })
    return state
  }

  /** The provider says that it is over: pays the last reading, exactly, if it can be. */
  async ended(talk: Talk, { code, why, tick, usage }: MessageOf<'end'>): Promise<void> {
    const at = this.#party.clock.now()
    const before = await this.#ledger.lease()
    const elapsedUs = this.#party.served.elapsedUs(before.context)
    const over = async (accepted: UsageVector): Promise<LeaseCommand[]> => {
      if (before.context.end) return []
      return [
        { kind: 'end', at, code: await believed(this.#party, this.#ledger, before, { code, usage: accepted }), why },
      ]
    }
    const last = await this.#ledger.try([{ kind: 'meter', at, tick, usage, elapsedUs }, ...(await over(usage))])
    const state = isRefusal(last) ? await this.#ledger.record(await over(before.context.usage)) : last
    const { context } = state
    const owed = satsForMsat(context.owedMsat)
    let isThere = true
    const voucher = await this.#voucher(talk, (topUps) => {
      const last = larger(context.paidSats, payable(owed, capacitiesOf(this.#terms, topUps)))
      isThere = this.#party.spending.takeLast(this.#ledger.leaseId, { from: context.paidSats, to: last })
      return isThere ? last : context.paidSats
    })
    // No more is left for today: what is owed beyond the newest voucher stays unpaid.
    if (!isThere) return await talk.send({ type: 'voucher', tick: context.tick, ...voucher })
    await this.#ledger.record(
      [{ kind: 'pay', at, tick: context.tick, paidSats: voucher.paid }],
      this.#vouchers.commands(at, voucher),
    )
    await talk.send({ type: 'voucher', tick: context.tick, ...voucher })
  }

  /** The provider does not go on though the money is locked: what was not paid comes back after the channel's expiry. */
  async refused({ code, why }: MessageOf<'refuse'>): Promise<void> {
    const at = this.#party.clock.now()
    await this.#ledger.record([
      { kind: 'end', at, code: 'provider-silent', why: `the provider refused: ${code}: ${why}` },
    ])
  }

  /** Signs the receipt when it says what this side's log says. */
  async receipt(talk: Talk, { receipt, signature }: MessageOf<'receipt'>): Promise<void> {
    const own = receiptFrom(await this.#ledger.lease())
    if (!own || !verifyReceipt(this.#party, receipt, signature, this.#terms.providerKey)) return
    const publisherSignature = signReceipt(this.#party, own)
    const signed = { receipt, publisherSignature, providerSignature: signature }
    const done = await this.#ledger.try([{ kind: 'receipt', at: this.#party.clock.now(), signed }])
    if (!isRefusal(done)) await talk.send({ type: 'receipt', receipt: own, signature: publisherSignature })
    else this.#party.log.warn({ lease: this.#ledger.leaseId, refused: done }, 'the provider’s receipt was not signed')
  }

  /** The provider proposes a plain close. */
  async close(talk: Talk, message: MessageOf<'close'>): Promise<void> {
    await talk.send(await answerClose(this.#party, this.#ledger, message))
  }

  /** Tells the provider of top-ups that it may not know yet. It may be waiting for them, with a machine that stands still. */
  tell(talk: Talk): Promise<void> {
    const told = this.#telling.then(async () => {
      const { topUps } = (await this.#ledger.lease()).context
      for (; this.#told < topUps.length; this.#told++) {
        const { leg, vout } = topUps[this.#told]!
        const { funding } = (await this.#ledger.channel(leg)).context
        await talk.send({ type: 'topped-up', leg, raw: funding!.raw, vout })
      }
    })
    this.#telling = told.catch(() => {})
    return told
  }

  /** Over all channels that there are now; those that the provider may not know yet are told before. */
  async #voucher(talk: Talk, paid: (topUps: LeaseState['context']['topUps']) => bigint): Promise<Voucher> {
    const state = await this.#ledger.lease()
    const { topUps } = state.context
    await this.tell(talk)
    if (topUps.length + 1 !== this.#vouchers.count)
      this.#vouchers = await openVouchers(this.#party, this.#ledger, state)
    return this.#vouchers.sign(paid(topUps))
  }

  async #pay(talk: Talk, before: LeaseState, tick: number, usage: UsageVector) {
    this.#terms = before.context.terms ?? this.#terms
    const at = this.#party.clock.now()
    const voucher = await this.#voucher(talk, (topUps) =>
      larger(before.context.paidSats, dueSats(this.#terms, usage, topUps)),
    )
    const { leaseId, paidSats } = { ...before.context, leaseId: this.#ledger.leaseId }
    const step = { from: paidSats, to: voucher.paid }
    const { spending } = this.#party
    if (!spending.take(leaseId, step, reserveSats(this.#terms, before.context.usage, usage))) {
      const why = `${step.to - step.from} sats are due, ${spending.left(leaseId)} are left today`
      return { refused: 'daily-budget-used', why }
    }
    const done = await this.#ledger.try(
      [
        { kind: 'meter', at, tick, usage, elapsedUs: this.#party.served.elapsedUs(before.context) },
        { kind: 'pay', at, tick, paidSats: voucher.paid },
      ],
      this.#vouchers.commands(at, voucher),
    )
    if (!isRefusal(done)) return { type: 'voucher' as const, tick, ...voucher }
    spending.correct(leaseId, paidSats)
    return done
  }
}

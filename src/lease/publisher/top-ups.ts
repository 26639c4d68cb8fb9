import type { Order } from '../../../domain/announcement/facts.ts'
import { toHex } from '../../../domain/bytes.ts'
import { encodeTransaction } from '../../../domain/chain/codec.ts'
import { findFunding, fundingOutput, paramsOf } from '../../../domain/channel/script.ts'
import { isRefusal, type Refusal } from '../../../domain/fact.ts'
import { channelId } from '../../../domain/ids.ts'
import type { TopUpProblem } from '../../../domain/lease/facts.ts'
import type { LeaseState } from '../../../domain/lease/lease.ts'
import { automaticTopUp, capacityOf, isLow } from '../../../domain/lease/legs.ts'
import type { Ledger } from '../ledger.ts'
import type { MessageOf } from '../messages.ts'
import type { Talk } from '../talk.ts'
import type { PublisherParty } from './deps.ts'
import { wasPaid } from './fund.ts'

/** A provider that does not answer is asked again after so long, ms. */
const ASK_AGAIN_MS = 5_000

/**
 * Adds coin to leases that run: asks the provider, and funds a further channel. Each step is in the log before the next, and can
 * be repeated: a crash anywhere goes on where it stopped, and never funds twice.
 */
export class TopUps {
  readonly #party: PublisherParty
  /** One step at a time for each lease. */
  readonly #steps = new Map<string, Promise<unknown>>()
  readonly #askedUs = new Map<string, number>()

  readonly #orderOf: (announcement: string) => Promise<Order | undefined>

  /** @param orderOf how an own announcement said that its leases are to be rented */
  constructor(party: PublisherParty, orderOf: (announcement: string) => Promise<Order | undefined>) {
    this.#party = party
    this.#orderOf = orderOf
  }

  /** Writes down that so many sats more are wanted, and asks the provider when there is a session. */
  async want(
    ledger: Ledger,
    { sats, reference }: { readonly sats: bigint; readonly reference: string },
    talk: Talk | undefined,
  ): Promise<LeaseState | Refusal> {
    const state = await ledger.lease()
    const { references, paidSats } = state.context
    const left = this.#party.spending.left(ledger.leaseId)
    // What it has lasts until today's budget is used, so more would only be locked.
    if (left !== undefined && !references.includes(reference) && left <= capacityOf(state.context) - paidSats)
      return { refused: 'over-daily-budget', why: `${left} sats are left today, which its channels already hold` }
    const done = await ledger.try([{ kind: 'want-top-up', at: this.#party.clock.now(), sats, reference }])
    if (!isRefusal(done) && talk) await this.#ask(ledger, done, talk)
    return done
  }

  /** Tops up by itself, when the request said so and little is left. */
  async automatic(ledger: Ledger, state: LeaseState, talk: Talk): Promise<void> {
    const { spacingS } = this.#party.network
    if (!isLow(state.context, spacingS)) return
    const mostSats = (await this.#orderOf(state.context.announcement))?.mostSats
    const sats = mostSats === undefined ? 0n : automaticTopUp(state.context, mostSats)
    if (sats === 0n) return
    const done = await this.want(ledger, { sats, reference: `automatic-${state.context.nextLeg}` }, talk)
    if (isRefusal(done) && done.refused !== 'over-daily-budget')
      this.#party.log.warn({ lease: ledger.leaseId, refused: done }, 'no automatic top-up')
  }

  /** In a new session: what was asked for in the one before may be lost with it. */
  async resume(ledger: Ledger, talk: Talk): Promise<void> {
    await this.#ask(ledger, await ledger.lease(), talk)
  }

  /** Now and then, while the lease runs: asks again, or for the first time. */
  async tend(ledger: Ledger, state: LeaseState, talk: Talk | undefined): Promise<void> {
    const askedUs = this.#askedUs.get(ledger.leaseId) ?? Number.NEGATIVE_INFINITY
    if (!state.context.wanted || !talk || this.#steps.has(ledger.leaseId)) return
    if (this.#party.clock.steadyUs() - askedUs > ASK_AGAIN_MS * 1_000) await this.#ask(ledger, state, talk)
  }

  /** The provider agrees: the channel is written down, then funded. */
  taken(ledger: Ledger, { leg, channelKey }: MessageOf<'top-up-taken'>): Promise<void> {
    return this.#step(ledger, async () => {
      const { context } = await ledger.lease()
      const { terms, wanted, end } = context
      if (terms === undefined || wanted?.leg !== leg || end) return
      const publisherKey = toHex((await this.#party.channelKey(channelId(ledger.leaseId, leg))).publicKey)
      const further = { ...terms.channel, publisherKey, providerKey: channelKey, capacitySats: wanted.sats }
      const at = this.#party.clock.now()
      await ledger.record([], new Map([[leg, [{ kind: 'propose', at, terms: further }]]]))
      await this.#fund(ledger, leg)
    })
  }

  refused(ledger: Ledger, { leg, code, why }: MessageOf<'top-up-refused'>): Promise<void> {
    return this.#step(ledger, async () => {
      if ((await ledger.channel(leg)).context.funding) return
      if (!(await wasPaid(this.#party, channelId(ledger.leaseId, leg)))) await this.#giveUp(ledger, leg, code, why)
    })
  }

  /** After a crash, and when the lease has ended meanwhile: what the wallet paid is written down, else nothing comes of it. */
  recover(ledger: Ledger, ended: boolean): Promise<void> {
    return this.#step(ledger, async () => {
      const leg = (await ledger.lease()).context.wanted?.leg
      if (leg === undefined) return
      if (await wasPaid(this.#party, channelId(ledger.leaseId, leg))) await this.#fund(ledger, leg)
      else if (ended) await this.#giveUp(ledger, leg, 'lease-ended', 'the lease ended before it was topped up')
    })
  }

  forget(leaseId: string): void {
    this.#askedUs.delete(leaseId)
  }

  async #ask(ledger: Ledger, { context }: LeaseState, talk: Talk): Promise<void> {
    const { wanted, end } = context
    if (!wanted || end) return
    this.#askedUs.set(ledger.leaseId, this.#party.clock.steadyUs())
    const { leg, sats: capacitySats } = wanted
    const { publicKey } = await this.#party.channelKey(channelId(ledger.leaseId, leg))
    // A session that breaks is followed by another, in which it is asked again.
    await talk.send({ type: 'top-up', leg, channelKey: toHex(publicKey), capacitySats }).catch(() => {})
  }

  /** The wallet knows the payment by the channel's id. */
  async #fund(ledger: Ledger, leg: number): Promise<void> {
    const { terms } = (await ledger.channel(leg)).context
    const params = paramsOf(terms!)
    const sent = await this.#party.wallet.pay({
      outputs: [fundingOutput(params)],
      purpose: 'funding',
      reference: `funding-${channelId(ledger.leaseId, leg)}`,
    })
    if (isRefusal(sent)) {
      const code = sent.refused === 'insufficient-funds' ? sent.refused : 'wallet-refused'
      return await this.#giveUp(ledger, leg, code, sent.why)
    }
    const { txid, vout } = findFunding(sent.tx, params)!
    const at = this.#party.clock.now()
    const { capacity: capacitySats } = params
    await ledger.record(
      [{ kind: 'top-up', at, leg, txid, vout, capacitySats }],
      new Map([[leg, [{ kind: 'fund', at, txid, vout, raw: toHex(encodeTransaction(sent.tx)) }]]]),
    )
  }

  async #giveUp(ledger: Ledger, leg: number, code: TopUpProblem, why: string): Promise<void> {
    this.#party.log.warn({ lease: ledger.leaseId, code, why }, 'the lease was not topped up')
    const at = this.#party.clock.now()
    await ledger.record([{ kind: 'give-up-top-up', at, leg, code, why: why.slice(0, 500) }])
  }

  async #step(ledger: Ledger, work: () => Promise<void>): Promise<void> {
    const { leaseId } = ledger
    const before = this.#steps.get(leaseId) ?? Promise.resolve()
    const step = before.then(work).catch((err) => {
      this.#party.log.warn({ lease: leaseId, err }, 'a top-up could not go on; trying again')
    })
    this.#steps.set(leaseId, step)
    await step.finally(() => {
      if (this.#steps.get(leaseId) === step) this.#steps.delete(leaseId)
    })
  }
}

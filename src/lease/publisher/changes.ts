import type { Order } from '../../../domain/announcement/facts.ts'
import { isRefusal, type Refusal } from '../../../domain/fact.ts'
import { type Change, changed, changeTo, isImprovement, numberOf, renewal } from '../../../domain/lease/change.ts'
import { CHANGE_PROBLEMS, type ChangeProblem } from '../../../domain/lease/facts.ts'
import type { LeaseState } from '../../../domain/lease/lease.ts'
import { termsHash } from '../../../domain/terms.ts'
import { pastChannel } from '../channel-time.ts'
import type { Ledger } from '../ledger.ts'
import type { MessageOf } from '../messages.ts'
import { signTerms, verifyTerms } from '../party.ts'
import type { Talk } from '../talk.ts'
import type { PublisherParty } from './deps.ts'

/** A provider that does not answer, or said no to a renewal, is asked again after so long, ms. */
const ASK_AGAIN_MS = 5_000
const RENEW_AGAIN_MS = 30_000

/** The publisher's side of other terms for a lease that runs: asks for them, and signs those that it asked for or that are better. */
export class Changes {
  readonly #party: PublisherParty
  readonly #orderOf: (announcement: string) => Promise<Order | undefined>
  readonly #talkOf: (leaseId: string) => Talk | undefined
  readonly #askedUs = new Map<string, number>()

  constructor(
    party: PublisherParty,
    orderOf: (announcement: string) => Promise<Order | undefined>,
    talkOf: (leaseId: string) => Talk | undefined,
  ) {
    this.#party = party
    this.#orderOf = orderOf
    this.#talkOf = talkOf
  }

  /** Writes down what is wanted, and asks the provider when there is a session. */
  async want(ledger: Ledger, change: Change): Promise<LeaseState | Refusal> {
    const late = await pastChannel(this.#party.engine, await ledger.lease(), change)
    if (late) return late
    const at = this.#party.clock.now()
    const done = await ledger.try([{ kind: 'want-change', at, by: 'publisher', change }])
    if (!isRefusal(done)) await this.#ask(done, this.#talkOf(ledger.leaseId))
    return done
  }

  /**
   * In a new session, before anything is paid: the newest signature may be lost with the one before, or the wish. After the end too:
   * both owe, and sign a receipt, under the same terms.
   */
  async resume(ledger: Ledger, talk: Talk): Promise<void> {
    const state = await ledger.lease()
    const { terms } = state.context
    if (terms === undefined) return
    const number = numberOf(terms)
    if (number > 0) await talk.send({ type: 'changed', number, signature: signTerms(this.#party, terms) })
    await this.#ask(state, talk)
  }

  /** Now and then, while the lease runs: asks again, and for a longer duration when the request said so and little is left. */
  async tend(ledger: Ledger, state: LeaseState): Promise<void> {
    const { leaseId } = ledger
    const { context } = state
    const talk = this.#talkOf(leaseId)
    const waitedMs = (this.#party.clock.steadyUs() - (this.#askedUs.get(leaseId) ?? Number.NEGATIVE_INFINITY)) / 1_000
    if (context.change.wanted) {
      if (waitedMs > ASK_AGAIN_MS) await this.#ask(state, talk)
      return
    }
    if (!talk || waitedMs < RENEW_AGAIN_MS || this.#party.spending.left(leaseId) === 0n) return
    const upToMs = (await this.#orderOf(context.announcement))?.renewUpToMs
    const change = upToMs === undefined ? undefined : renewal(context, upToMs)
    if (change === undefined) return
    this.#askedUs.set(leaseId, this.#party.clock.steadyUs())
    await this.want(ledger, change)
  }

  /** The provider has signed. Taken when it is what was asked for, or better and nothing worse. */
  async offered(ledger: Ledger, talk: Talk, { terms, signature }: MessageOf<'change-offered'>): Promise<void> {
    const { context } = await ledger.lease()
    const { terms: present, change, tick, usage, end } = context
    const number = numberOf(terms)
    if (present === undefined || end || number === 0) return
    const refuse = (code: ChangeProblem, why: string) =>
      talk.send({ type: 'change-refused', number, code, why: why.slice(0, 500) })
    if (termsHash(terms) !== termsHash(present)) {
      const { wanted } = change
      const isOwn =
        wanted?.by === 'publisher' && termsHash(changed(present, wanted.change, { tick, usage })) === termsHash(terms)
      if (!isOwn && !isImprovement(present, changeTo(present, terms), 'publisher'))
        return await refuse('not-better', 'it is not better for the publisher in anything alone')
      if (!verifyTerms(this.#party, terms, signature, present.providerKey))
        return await refuse('out-of-step', 'the signature is not over these terms')
      const at = this.#party.clock.now()
      const publisherSignature = signTerms(this.#party, terms)
      const done = await ledger.try([
        { kind: 'agree-change', at, terms, publisherSignature, providerSignature: signature },
      ])
      if (isRefusal(done))
        return await refuse(CHANGE_PROBLEMS.find((known) => known === done.refused) ?? 'out-of-step', done.why)
    }
    await talk.send({ type: 'changed', number, signature: signTerms(this.#party, terms) })
    // What this side wants besides is to be the next change now.
    await this.#ask(await ledger.lease(), talk)
  }

  async refused(ledger: Ledger, { number, code, why }: MessageOf<'change-refused'>): Promise<void> {
    await ledger.try([{ kind: 'refuse-change', at: this.#party.clock.now(), number, code, why }])
  }

  forget(leaseId: string): void {
    this.#askedUs.delete(leaseId)
  }

  async #ask({ context }: LeaseState, talk: Talk | undefined): Promise<void> {
    const { wanted } = context.change
    if (wanted?.by !== 'publisher' || context.end || !talk) return
    this.#askedUs.set(context.leaseId, this.#party.clock.steadyUs())
    // A session that breaks is followed by another, in which it is asked again.
    await talk.send({ type: 'change', number: wanted.number, change: wanted.change }).catch(() => {})
  }
}

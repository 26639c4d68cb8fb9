import { isLongEnough } from '../../../domain/channel/margin.ts'
import { isRefusal } from '../../../domain/fact.ts'
import { type Change, changed, isImprovement, isRenewal, leftUnder, numberOf } from '../../../domain/lease/change.ts'
import { CHANGE_PROBLEMS, type ChangeProblem } from '../../../domain/lease/facts.ts'
import type { LeaseState } from '../../../domain/lease/lease.ts'
import { isEnding } from '../../../domain/lease/notice.ts'
import { coversFloor } from '../../../domain/price.ts'
import { type Terms, termsHash } from '../../../domain/terms.ts'
import type { UsageVector } from '../../../domain/usage.ts'
import type { Ledger } from '../ledger.ts'
import type { MessageOf } from '../messages.ts'
import { signTerms, verifyTerms } from '../party.ts'
import type { Talk } from '../talk.ts'
import type { ProviderParty } from './deps.ts'
import type { ServingEnd } from './serving.ts'

type Refused = { readonly code: ChangeProblem; readonly why: string }
const END: Refused = { code: 'ending', why: 'the end was asked for' }
export type ChangeMessage = MessageOf<'change' | 'changed' | 'change-refused'>

/**
 * Other terms while a lease runs. The provider signs first, at a tick whose voucher it has, so that both know what was used until
 * then; the publisher's signature makes them count. Until it came the old terms hold.
 */
export class Changes {
  readonly #party: ProviderParty
  readonly #ledger: Ledger
  /** What the publisher asks for, until the next tick. */
  #asked: MessageOf<'change'> | undefined
  /** Hash of the terms that were offered last in this session. */
  #told: string | undefined

  constructor(party: ProviderParty, ledger: Ledger) {
    this.#party = party
    this.#ledger = ledger
  }

  begin(): void {
    this.#told = undefined
    this.#asked = undefined
  }

  async heard(message: ChangeMessage): Promise<ServingEnd | undefined> {
    switch (message.type) {
      case 'change':
        this.#asked = message
        return undefined
      case 'changed':
        return (await takeChange(this.#party, this.#ledger, message))
          ? undefined
          : { code: 'bad-voucher', why: 'the signature under the changed terms does not fit' }
      case 'change-refused': {
        const { number, code, why } = message
        await this.#ledger.try([{ kind: 'refuse-change', at: this.#party.clock.now(), number, code, why }])
        return undefined
      }
    }
  }

  /** Before a tick: signs what this side wants, or what it is asked for and agrees to. @param height of the chain, where it is known */
  async tell(talk: Talk, { context }: LeaseState, height: number | undefined): Promise<void> {
    const { terms, change, tick, paidTick, usage } = context
    if (terms === undefined || paidTick !== tick) return
    if (change.offered) return await this.#send(talk, change.offered)
    const asked = this.#asked
    this.#asked = undefined
    const wanted = change.wanted?.by === 'provider' ? change.wanted.change : undefined
    if (wanted) return await this.#offer(talk, changed(terms, wanted, { tick, usage }))
    if (!asked || asked.number <= numberOf(terms)) return
    const refused = isEnding(context) ? END : this.#refusal(terms, asked.change, usage, height)
    if (!refused) return await this.#offer(talk, changed(terms, asked.change, { tick, usage }))
    await talk.send({ type: 'change-refused', number: asked.number, ...refused })
  }

  /** Nobody is asked: what is better is taken, a longer duration by the policy, and nothing else. */
  #refusal(terms: Terms, change: Change, usage: UsageVector, height: number | undefined): Refused | undefined {
    if (isImprovement(terms, change, 'provider')) return undefined
    if (!isRenewal(terms, change))
      return { code: 'not-better', why: 'it is not better for the provider in anything alone' }
    const { maxDurationMs, floor, network } = this.#party
    const wantedMs = change.maxDurationMs!
    if (wantedMs > maxDurationMs) return { code: 'policy-says-no', why: `${maxDurationMs} ms are the longest` }
    if (!coversFloor(terms.price, floor)) return { code: 'policy-says-no', why: 'its price is below the floor by now' }
    const leftMs = leftUnder(change, terms, usage)
    const open = this.#party.open?.()
    if (open !== undefined && leftMs > open.leftMs)
      return { code: 'outside-hours', why: `${leftMs} ms are wanted, there are ${open.leftMs} ms, ${open.until}` }
    const { expiryHeight } = terms.channel
    return height === undefined || !isLongEnough(expiryHeight, { leftMs, height }, network)
      ? { code: 'channel-expires', why: `the channel expires at height ${expiryHeight}` }
      : undefined
  }

  async #offer(talk: Talk, terms: Terms): Promise<void> {
    const at = this.#party.clock.now()
    const signature = signTerms(this.#party, terms)
    const done = await this.#ledger.try([{ kind: 'offer-change', at, terms, signature }])
    if (!isRefusal(done)) return await this.#send(talk, { terms, signature })
    const code = CHANGE_PROBLEMS.find((known) => known === done.refused) ?? 'bad-change'
    const number = numberOf(terms)
    await this.#ledger.try([{ kind: 'refuse-change', at, number, code, why: done.why }])
    await talk.send({ type: 'change-refused', number, code, why: done.why.slice(0, 500) })
  }

  async #send(talk: Talk, { terms, signature }: { readonly terms: Terms; readonly signature: string }): Promise<void> {
    if (this.#told === termsHash(terms)) return
    this.#told = termsHash(terms)
    await talk.send({ type: 'change-offered', terms, signature })
  }
}

/** The publisher's signature under the terms that were offered. @returns false when it does not fit */
export const takeChange = async (
  party: ProviderParty,
  ledger: Ledger,
  { number, signature }: MessageOf<'changed'>,
): Promise<boolean> => {
  const { offered } = (await ledger.lease()).context.change
  // Said again in each session.
  if (offered === undefined || numberOf(offered.terms) !== number) return true
  const { terms, signature: providerSignature } = offered
  if (!verifyTerms(party, terms, signature, terms.publisherKey)) return false
  const at = party.clock.now()
  await ledger.record([{ kind: 'agree-change', at, terms, publisherSignature: signature, providerSignature }])
  return true
}

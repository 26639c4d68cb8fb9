import { encode } from '../codec.ts'
import type { Refusal } from '../fact.ts'
import { PRICE_KEYS, type PriceVector, storagePrice } from '../price.ts'
import { owedUnder, type Terms, termsHash } from '../terms.ts'
import type { UsageVector } from '../usage.ts'
import type { LeaseCommand, LeaseRefusal } from './commands.ts'
import type { LeaseContext } from './context.ts'
import type { LeaseFact, Side } from './facts.ts'
import { isEnding } from './notice.ts'

/** What of its terms can be changed while a lease runs. */
export type Change = {
  readonly price?: PriceVector
  readonly maxDurationMs?: number
  readonly noticeMs?: number
  readonly dataGraceMs?: number
}
const TIMES = ['maxDurationMs', 'noticeMs', 'dataGraceMs'] as const

/** Changes of one lease, and those of them that change its price: each old price stays in the terms. */
export const MAX_REVISIONS = 200
export const MAX_PRICES = 16

const timeOf = (terms: Terms, key: (typeof TIMES)[number]): number => terms[key] ?? 0
const samePrice = (a: PriceVector, b: PriceVector): boolean =>
  PRICE_KEYS.every((key) => a[key] === b[key]) && storagePrice(a) === storagePrice(b)

/** What a change would really change. */
const changing = (terms: Terms, { price, ...times }: Change): Change => ({
  ...(price === undefined || samePrice(price, terms.price) ? {} : { price }),
  ...Object.fromEntries(
    TIMES.flatMap((key) => (times[key] === undefined || times[key] === timeOf(terms, key) ? [] : [[key, times[key]]])),
  ),
})

/** The terms from a tick on: what was used until then is owed at the price before. */
export const changed = (
  terms: Terms,
  change: Change,
  { tick, usage }: { readonly tick: number; readonly usage: UsageVector },
): Terms => {
  const real = changing(terms, change)
  const past = [
    ...(terms.revision?.past ?? []),
    ...(real.price === undefined ? [] : [{ price: terms.price, tick, until: usage }]),
  ]
  const number = numberOf(terms) + 1
  return {
    ...terms,
    ...real,
    revision: { number, previous: termsHash(terms), ...(past.length === 0 ? {} : { past }) },
  }
}

/** 0 for the terms that were agreed at first. */
export const numberOf = ({ revision }: Terms): number => revision?.number ?? 0

/** The change that leads from some terms to others; whether there is one, `changed` of it says. */
export const changeTo = (terms: Terms, { price, maxDurationMs, noticeMs = 0, dataGraceMs }: Terms): Change =>
  changing(terms, { price, maxDurationMs, noticeMs, dataGraceMs })

/** The sides for which it is better in something: one, both where it is mixed, none where it changes nothing. */
const goodFor = (terms: Terms, { price, ...times }: Change): ReadonlySet<Side> => {
  const sides = new Set<Side>()
  const prices = price === undefined ? [] : PRICE_KEYS.map((key) => [terms.price[key], price[key]] as const)
  if (price !== undefined) prices.push([storagePrice(terms.price), storagePrice(price)])
  for (const [before, after] of prices) {
    if (after < before) sides.add('publisher')
    if (after > before) sides.add('provider')
  }
  // It may be stopped before; longer notice and longer data bind the provider.
  for (const key of TIMES) {
    const time = times[key] ?? timeOf(terms, key)
    if (time > timeOf(terms, key)) sides.add('publisher')
    if (time < timeOf(terms, key)) sides.add('provider')
  }
  return sides
}

/** Better for one side in something, and worse for it in nothing: it need not be asked. */
export const isImprovement = (terms: Terms, change: Change, forSide: Side): boolean => {
  const sides = goodFor(terms, change)
  return sides.size === 1 && sides.has(forSide)
}

/** Nothing but a longer duration: what a provider agrees to by its policy. */
export const isRenewal = (terms: Terms, change: Change): boolean => {
  const { maxDurationMs, ...others } = changing(terms, change)
  return maxDurationMs !== undefined && maxDurationMs > terms.maxDurationMs && Object.keys(others).length === 0
}

/** How much longer it is to be served under a change, ms. */
export const leftUnder = (change: Change, terms: Terms, { wallUs }: UsageVector): number =>
  (change.maxDurationMs ?? terms.maxDurationMs) - Number(wallUs / 1_000n)

/** A lease is renewed when less than this part of its newest duration is left, and less than ten minutes. */
const RENEW_PART = 4
const RENEW_MS = 600_000

/** The longer duration that a lease which renews itself should ask for now: twice what it has, at most `upToMs`. */
export const renewal = (
  context: Pick<LeaseContext, 'terms' | 'usage' | 'notice' | 'end'>,
  upToMs: number,
): Change | undefined => {
  const { terms, usage, notice } = context
  if (terms === undefined || notice || isEnding(context) || terms.maxDurationMs >= upToMs) return undefined
  return leftUnder({}, terms, usage) < Math.min(terms.maxDurationMs / RENEW_PART, RENEW_MS)
    ? { maxDurationMs: Math.min(2 * terms.maxDurationMs, upToMs) }
    : undefined
}

/** Why no lease can have these terms next; undefined when it can. */
const flaw = (terms: Terms, change: Change, usage: UsageVector): Refusal<LeaseRefusal> | undefined => {
  const real = changing(terms, change)
  if (Object.keys(real).length === 0) return { refused: 'bad-change', why: 'it changes nothing' }
  // A machine that stands still costs no more than one that runs.
  if (real.price && storagePrice(real.price) > real.price.diskGiBHour)
    return { refused: 'bad-change', why: 'a paused disk is dearer than one that is used' }
  if (real.price && real.price.startMsat !== terms.price.startMsat)
    return { refused: 'bad-change', why: 'the start is paid already' }
  if (real.maxDurationMs !== undefined && BigInt(real.maxDurationMs) * 1_000n <= usage.wallUs)
    return { refused: 'bad-change', why: 'it has lasted longer already' }
  if (numberOf(terms) >= MAX_REVISIONS) return { refused: 'too-many-changes', why: `${MAX_REVISIONS} were made` }
  if (real.price && (terms.revision?.past?.length ?? 0) >= MAX_PRICES)
    return { refused: 'too-many-changes', why: `the price was changed ${MAX_PRICES} times` }
  return undefined
}

type Command<K extends LeaseCommand['kind']> = Extract<LeaseCommand, { kind: K }>
type Decided = readonly LeaseFact[] | Refusal<LeaseRefusal>

/** One at a time: this side wants other terms, and the other one is asked. */
export const wantChange = ({ at, by, change }: Command<'want-change'>, context: LeaseContext): Decided => {
  const { terms, usage, change: pending } = context
  if (terms === undefined) return { refused: 'nothing-offered', why: 'no terms are agreed' }
  if (isEnding(context)) return { refused: 'ending', why: 'the end was asked for' }
  const number = numberOf(terms) + 1
  if (pending.wanted?.by === by && encode(pending.wanted.change) === encode(change)) return []
  if (pending.wanted) return { refused: 'change-pending', why: 'another change is not answered yet' }
  return flaw(terms, change, usage) ?? [{ type: 'lease.change-wanted', at, by, number, change }]
}

/** The provider signs first, at a tick that both know. */
export const offerChange = ({ at, terms, signature }: Command<'offer-change'>, context: LeaseContext): Decided => {
  const { terms: present, change, tick, usage } = context
  if (present === undefined) return { refused: 'nothing-offered', why: 'no terms are agreed' }
  if (change.offered && termsHash(change.offered.terms) === termsHash(terms)) return []
  if (change.offered) return { refused: 'change-pending', why: 'another change is not answered yet' }
  const next = changeTo(present, terms)
  if (termsHash(changed(present, next, { tick, usage })) !== termsHash(terms))
    return { refused: 'terms-differ', why: 'these terms do not follow from the present ones' }
  return flaw(present, next, usage) ?? [{ type: 'lease.change-offered', at, terms, signature }]
}

/** Both have signed. The provider takes what it has offered; the publisher what follows from its own newest tick. */
export const agreeChange = (command: Command<'agree-change'>, context: LeaseContext): Decided => {
  const { at, terms, publisherSignature, providerSignature } = command
  const { terms: present, change, tick, usage } = context
  if (present === undefined) return { refused: 'nothing-offered', why: 'no terms are agreed' }
  const hash = termsHash(terms)
  if (hash === termsHash(present)) return []
  const fact: LeaseFact = { type: 'lease.changed', at, terms, publisherSignature, providerSignature }
  if (context.side === 'provider')
    return change.offered && termsHash(change.offered.terms) === hash
      ? [fact]
      : { refused: 'terms-differ', why: 'no such terms were offered' }
  if (context.end) return { refused: 'ending', why: 'the lease has ended' }
  const next = changeTo(present, terms)
  if (termsHash(changed(present, next, { tick, usage })) !== hash)
    return { refused: 'terms-differ', why: 'these terms do not follow from the present ones' }
  return flaw(present, next, usage) ?? [fact]
}

/** Nothing comes of it. */
export const refuseChange = ({ at, number, code, why }: Command<'refuse-change'>, context: LeaseContext): Decided => {
  const { wanted, offered } = context.change
  const isPending = wanted?.number === number || (offered && numberOf(offered.terms) === number)
  return isPending ? [{ type: 'lease.change-refused', at, number, code, why }] : []
}

/** What is asked for, and what this provider has signed, while it is not answered. `number`: of the revision that it would be now. */
export type PendingChange = {
  readonly wanted?: { readonly by: Side; readonly number: number; readonly change: Change }
  readonly offered?: { readonly terms: Terms; readonly signature: string }
}

type ChangeFact = Extract<
  LeaseFact,
  { type: 'lease.change-wanted' | 'lease.change-offered' | 'lease.changed' | 'lease.change-refused' }
>

export const foldChange = (
  context: LeaseContext,
  fact: ChangeFact,
): Partial<Pick<LeaseContext, 'terms' | 'owedMsat' | 'change'>> => {
  switch (fact.type) {
    case 'lease.change-wanted': {
      const { by, number, change } = fact
      return { change: { ...context.change, wanted: { by, number, change } } }
    }
    case 'lease.change-offered':
      return { change: { ...context.change, offered: { terms: fact.terms, signature: fact.signature } } }
    case 'lease.changed': {
      const { terms } = fact
      return { terms, owedMsat: owedUnder(terms, context.usage), change: stillWanted(terms, context.change.wanted) }
    }
    case 'lease.change-refused': {
      const { wanted, offered } = context.change
      // Said of what was offered, which may be what the other side asked for; or it is asked for again at another tick.
      const isKept = fact.code === 'out-of-step' || !isOf(context.terms, offered?.terms, wanted)
      return { change: wanted && isKept ? { wanted } : {} }
    }
  }
}

/** What waits for an answer waits on when another change was agreed first, unless that is all that it wanted. */
const stillWanted = (terms: Terms, wanted: PendingChange['wanted']): PendingChange =>
  wanted === undefined || Object.keys(changing(terms, wanted.change)).length === 0
    ? {}
    : { wanted: { ...wanted, number: numberOf(terms) + 1 } }

/** True when these offered terms are what is wanted; where nothing is offered, an answer is about what is wanted. */
const isOf = (present: Terms | undefined, offered: Terms | undefined, wanted: PendingChange['wanted']): boolean =>
  present === undefined ||
  offered === undefined ||
  wanted === undefined ||
  encode(changeTo(present, offered)) === encode(changing(present, wanted.change))

import { equal } from '../bytes.ts'
import { payable } from '../channel/legs.ts'
import { encode } from '../codec.ts'
import { chartDecider, type StateOf } from '../decider.ts'
import type { Refusal } from '../fact.ts'
import { satsForMsat, smaller } from '../money.ts'
import { differOnlyInPrice, owedUnder, type Terms, termsHash } from '../terms.ts'
import { impossibleUsage, sameUsage } from '../usage.ts'
import { agreeChange, offerChange, refuseChange, wantChange } from './change.ts'
import { leaseChart } from './chart.ts'
import type { LeaseCommand, LeaseRefusal } from './commands.ts'
import { ENDS, type EndCode, FAILURES } from './ends.ts'
import type { LeaseFact, Side } from './facts.ts'
import { readInside } from './inside.ts'
import { capacitiesOf, capacityOf, dueSats, giveUpTopUp, spentOnChain, topUp, wantTopUp } from './legs.ts'
import { chosenEnd, giveNotice, isToldToEnd, withdrawNotice } from './notice.ts'
import { pause, resume, wantPause } from './pauses.ts'
import { receiptDigest, receiptOf, topUpsOf } from './receipt.ts'
import { shrink } from './shrinking.ts'

export type LeaseState = StateOf<typeof leaseChart>

/** The stage or terminal that a lease is in. */
export const stageOf = (state: LeaseState): string =>
  typeof state.value === 'string' ? state.value : Object.keys(state.value)[0]!

/** True once nothing can change any more but paper. */
export const isOver = (state: LeaseState): boolean =>
  ['settled', 'refunded', 'lapsed', 'refused', 'failed'].includes(stageOf(state))

const refuse = (refused: LeaseRefusal, why: string): Refusal<LeaseRefusal> => ({ refused, why })

const propose = (command: LeaseCommand, state: LeaseState): readonly LeaseFact[] | Refusal<LeaseRefusal> => {
  const { at } = command
  const { context } = state
  switch (command.kind) {
    case 'seek': {
      const { leaseId, side, announcement, publisherKey, remote } = command
      if (context.leaseId !== '') return refuse('already-begun', `lease ${leaseId} has begun before`)
      return [{ type: 'lease.sought', at, leaseId, side, announcement, publisherKey, remote }]
    }
    case 'match':
      return command.verdict.ok
        ? [{ type: 'lease.matched', at, verdict: command.verdict }]
        : refuse(
            'policy-says-no',
            command.verdict.rules
              .filter((rule) => !rule.ok)
              .map((rule) => rule.rule)
              .join(', '),
          )
    case 'connect':
      return [{ type: 'lease.connected', at, remote: command.remote }]
    case 'challenge':
      return context.side === 'provider' && command.peerKey !== context.publisherKey
        ? refuse('wrong-key', `${command.peerKey} answered, the announcement is by ${context.publisherKey}`)
        : [{ type: 'lease.challenged', at, peerKey: command.peerKey }]
    case 'offer': {
      const { kind: _, ...offered } = command
      const { terms } = offered
      if (isProposed(state, 'provider', command)) return []
      if (context.proposal?.by === 'provider' && context.proposal.final)
        return refuse('final-offer', 'the last offer was final')
      const problem = foreignTerms(terms, state)
      if (problem) return refuse('terms-differ', problem)
      return [{ type: 'lease.offered', ...offered }]
    }
    case 'counter': {
      const { terms, final } = command
      if (isProposed(state, 'publisher', command)) return []
      if (context.proposal === undefined) return refuse('nothing-offered', 'there is no offer to counter')
      if (context.proposal.final) return refuse('final-offer', 'the last offer was final')
      if (!differOnlyInPrice(context.proposal.terms, terms))
        return refuse('terms-differ', 'a counter-offer may change the price only')
      return [{ type: 'lease.countered', at, terms, final }]
    }
    case 'agree': {
      if (context.proposal === undefined) return refuse('nothing-offered', 'there is no offer to agree to')
      if (termsHash(command.terms) !== termsHash(context.proposal.terms))
        return refuse('terms-differ', 'not the terms of the last offer')
      const { terms, publisherSignature, providerSignature } = command
      return [{ type: 'lease.agreed', at, terms, publisherSignature, providerSignature }]
    }
    case 'provision':
      return context.shell ? [] : [{ type: 'lease.provisioned', at, shell: command.shell }]
    case 'fund': {
      const { txid, vout, capacitySats } = command
      if (context.funding?.txid === txid && context.funding.vout === vout) return []
      const agreed = context.terms?.channel.capacitySats
      return capacitySats === agreed
        ? [{ type: 'lease.funded', at, txid, vout, capacitySats }]
        : refuse('wrong-capacity', `${capacitySats} sats, ${agreed} are agreed`)
    }
    case 'meter':
      return meter(command, state)
    case 'inside':
      return inside(command, state)
    case 'pay':
      return pay(command, state)
    case 'starve':
      // Who does not come back to a paused machine leaves it as it is.
      return state.matches({ meter: 'starved' }) || state.matches({ meter: 'paused' })
        ? []
        : [{ type: 'lease.starved', at, tick: command.tick, why: command.why }]
    case 'want-pause':
      return wantPause(command, context)
    case 'pause':
      return pause(command, context)
    case 'resume':
      return resume(command, context)
    case 'shrink':
      return shrink(command, context)
    case 'notice':
      return giveNotice(command, context)
    case 'withdraw-notice':
      return withdrawNotice(command, context)
    case 'end': {
      const code = chosenEnd(command.code, at, context)
      return context.end ? [] : [{ type: 'lease.ended', at, code, culprit: ENDS[code].culprit, why: command.why }]
    }
    case 'release':
      return context.released ? [] : [{ type: 'lease.released', at }]
    case 'receipt':
      return receipted(command, state)
    case 'want-change':
      return wantChange(command, context)
    case 'offer-change':
      return offerChange(command, context)
    case 'agree-change':
      return agreeChange(command, context)
    case 'refuse-change':
      return refuseChange(command, context)
    case 'want-top-up':
      return wantTopUp(command, context)
    case 'top-up':
      return topUp(command, context)
    case 'give-up-top-up':
      return giveUpTopUp(command, context)
    case 'settle':
    case 'refund':
      return isOver(state) ? [] : [...endedOnChain(state, at), ...spentOnChain(command, context)]
    case 'lapse':
      return isOver(state)
        ? []
        : [{ type: 'lease.lapsed', at, stage: command.stage, code: 'stage-timeout', culprit: 'peer-unreachable' }]
    case 'refuse':
      return isOver(state)
        ? []
        : [{ type: 'lease.refused', at, code: command.code, culprit: FAILURES[command.code].culprit, why: command.why }]
    case 'fail':
      return isOver(state)
        ? []
        : [{ type: 'lease.failed', at, code: command.code, culprit: FAILURES[command.code].culprit, why: command.why }]
  }
}

/** When the chain says that the money has moved while this side still thought the lease ran, the other side has ended it. */
const endedOnChain = ({ context }: LeaseState, at: number): LeaseFact[] => {
  if (context.end) return []
  const silent: EndCode = context.side === 'publisher' ? 'provider-silent' : 'publisher-silent'
  const code = context.notice && (context.notice.endsAt ?? at) <= at ? context.notice.code : silent
  return [{ type: 'lease.ended', at, code, culprit: ENDS[code].culprit, why: 'the channel was spent on the chain' }]
}

/** The same proposal again, word for word. */
const isProposed = (
  { context: { proposal } }: LeaseState,
  by: Side,
  again: { terms: Terms; final: boolean },
): boolean =>
  proposal?.by === by && proposal.final === again.final && termsHash(proposal.terms) === termsHash(again.terms)

/** What in `terms` contradicts what this lease already knows. */
const foreignTerms = (terms: Terms, { context }: LeaseState): string | undefined => {
  if (terms.leaseId !== context.leaseId) return 'leaseId is of another lease'
  if (terms.announcement !== context.announcement) return 'announcement is another one'
  if (terms.publisherKey !== context.publisherKey) return 'publisherKey is another one'
  if (context.side === 'publisher' && terms.providerKey !== context.peerKey)
    return 'providerKey is not who was challenged'
  if (context.proposal && !differOnlyInPrice(context.proposal.terms, terms))
    return 'a new offer may change the price only'
  return undefined
}

const meter = (
  { at, tick, usage, elapsedUs }: Extract<LeaseCommand, { kind: 'meter' }>,
  state: LeaseState,
): readonly LeaseFact[] | Refusal<LeaseRefusal> => {
  const { context } = state
  const { terms } = context
  if (terms === undefined) return refuse('nothing-offered', 'no terms are agreed')
  if (tick === context.tick && sameUsage(usage, context.usage)) return []
  if (tick <= context.tick) return refuse('tick-out-of-order', `tick ${tick} after ${context.tick}`)
  if (usage.paused && terms.maxPauseMs === undefined) return refuse('usage-impossible', 'no pause is agreed')
  const standsStill = state.matches({ meter: 'paused' })
  const { resources, caps } = terms
  const problem = impossibleUsage(context.usage, usage, { resources, caps, elapsedUs, standsStill })
  if (problem) return refuse('usage-impossible', problem)
  return [{ type: 'lease.metered', at, tick, usage, owedMsat: owedUnder(terms, usage) }]
}

const inside = (
  { at, reading }: Extract<LeaseCommand, { kind: 'inside' }>,
  state: LeaseState,
): readonly LeaseFact[] | Refusal<LeaseRefusal> => {
  const { terms, unread } = state.context
  if (terms?.inside === undefined) return refuse('nothing-offered', 'no reading from inside was agreed')
  if (!state.matches('meter') || isToldToEnd(state.context, 'publisher'))
    return refuse('ending', 'there is nothing left to end')
  if (typeof reading === 'string') return reading === unread ? [] : [{ type: 'lease.inside-unread', at, why: reading }]
  const found = readInside(state.context.inside, reading, terms.inside, terms)
  const read: LeaseFact = { type: 'lease.inside-read', at, inside: found }
  if (found.strikes < terms.inside.readings) return [read]
  const code = 'usage-mismatch'
  const why = `${found.beyond.join(', ')}: more was billed than was read inside, ${found.strikes} times in a row`
  return [read, { type: 'lease.ended', at, code, culprit: ENDS[code].culprit, why }]
}

const pay = (
  { at, tick, paidSats }: Extract<LeaseCommand, { kind: 'pay' }>,
  state: LeaseState,
): readonly LeaseFact[] | Refusal<LeaseRefusal> => {
  const { context } = state
  const { terms } = context
  if (terms === undefined) return refuse('nothing-offered', 'no terms are agreed')
  // The same voucher again is news to a lease that stood still for want of one.
  const known = tick === context.paidTick && paidSats === context.paidSats
  if (known && !state.matches({ meter: 'starved' })) return []
  if (tick < context.paidTick) return refuse('tick-out-of-order', `voucher for tick ${tick} after ${context.paidTick}`)
  if (paidSats < context.paidSats) return refuse('voucher-goes-back', `${paidSats} sats after ${context.paidSats}`)
  const capacities = capacitiesOf(terms, context.topUps)
  const capacity = capacityOf(context)
  if (paidSats > capacity) return refuse('over-capacity', `${paidSats} of ${capacity} sats`)
  if (paidSats !== payable(paidSats, capacities))
    return refuse('underpaid', `${paidSats} sats leave a channel too little`)
  const due = context.end
    ? smaller(satsForMsat(context.owedMsat), capacity)
    : dueSats(terms, context.usage, context.topUps)
  if (paidSats < due) return refuse('underpaid', `${paidSats} sats, ${due} are due`)
  // For a tick to come: all ticks up to it would count as paid.
  if (tick > context.tick) return refuse('tick-out-of-order', `voucher for tick ${tick}, the newest is ${context.tick}`)
  // For an older one, or the same one a little more: the lease would go on and on without its next tick.
  const isOld = tick < context.tick || (tick === context.paidTick && !known)
  if (isOld && !context.end) return refuse('tick-out-of-order', `voucher for tick ${tick} again`)
  return [{ type: 'lease.paid', at, tick, paidSats }]
}

const receipted = (
  { at, signed }: Extract<LeaseCommand, { kind: 'receipt' }>,
  { context }: LeaseState,
): readonly LeaseFact[] | Refusal<LeaseRefusal> => {
  const { terms, end, funding, receipt } = context
  if (terms === undefined || end === undefined || funding === undefined)
    return refuse('wrong-receipt', 'the lease has not ended')
  const isComplete = receipt?.publisherSignature !== undefined && receipt.providerSignature !== undefined
  if (isComplete || encode(signed) === encode(receipt)) return []
  const own = receiptOf(terms, {
    funding: `${funding.txid}:${funding.vout}`,
    ticks: context.tick,
    usage: context.usage,
    paidSats: context.paidSats,
    code: end.code,
    culprit: end.culprit,
    ...topUpsOf(context.topUps),
  })
  return equal(receiptDigest(own), receiptDigest(signed.receipt))
    ? [{ type: 'lease.receipted', at, signed }]
    : refuse('wrong-receipt', 'the receipt says something else than this side’s log')
}

/** Rules of a lease's stream, the same on both sides. */
export const lease = chartDecider(leaseChart, propose)

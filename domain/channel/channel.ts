import { chartDecider, type StateOf } from '../decider.ts'
import type { Refusal } from '../fact.ts'
import { DUST_SATS } from '../money.ts'
import { channelChart } from './chart.ts'
import type { ChannelFact, ChannelTerms } from './facts.ts'

export type ChannelCommand =
  | { readonly kind: 'propose'; readonly at: number; readonly terms: ChannelTerms }
  | { readonly kind: 'fund'; readonly at: number; readonly txid: string; readonly vout: number; readonly raw: string }
  | { readonly kind: 'open'; readonly at: number; readonly height: number }
  | { readonly kind: 'unopen'; readonly at: number }
  /** `signature` was checked against the channel's script by the caller. */
  | { readonly kind: 'pay'; readonly at: number; readonly paid: bigint; readonly signature: string }
  /** `together`: both signed it whole. */
  | {
      readonly kind: 'close'
      readonly at: number
      readonly txid: string
      readonly raw: string
      readonly together?: true
    }
  /** The publisher signs a plain close, which was checked by the caller. */
  | { readonly kind: 'agree'; readonly at: number; readonly txid: string; readonly raw: string; readonly paid: bigint }
  | { readonly kind: 'closed'; readonly at: number; readonly txid: string; readonly height: number }
  | {
      readonly kind: 'refund'
      readonly at: number
      readonly txid: string
      readonly raw: string
      readonly height: number
    }
  | { readonly kind: 'refunded'; readonly at: number; readonly txid: string; readonly height: number }
  | { readonly kind: 'reopen'; readonly at: number }

export type ChannelRefusal =
  | 'capacity-too-small'
  | 'voucher-goes-back'
  | 'voucher-below-dust'
  | 'over-capacity'
  | 'nothing-paid'
  | 'not-expired'

export type ChannelState = StateOf<typeof channelChart>

/** A channel that could not even pay for its own opening, close and refund is not opened, sats. */
export const MIN_CAPACITY_SATS = 2_000n

const propose = (command: ChannelCommand, state: ChannelState): readonly ChannelFact[] | Refusal<ChannelRefusal> => {
  const { at } = command
  const { context } = state
  switch (command.kind) {
    case 'propose':
      if (context.terms !== undefined) return []
      return command.terms.capacitySats < MIN_CAPACITY_SATS
        ? { refused: 'capacity-too-small', why: `${command.terms.capacitySats} sats is below ${MIN_CAPACITY_SATS}` }
        : [{ type: 'channel.proposed', at, terms: command.terms }]
    case 'fund':
      return context.funding?.txid === command.txid
        ? []
        : [{ type: 'channel.funded', at, txid: command.txid, vout: command.vout, raw: command.raw }]
    case 'open':
      return context.height === command.height ? [] : [{ type: 'channel.opened', at, height: command.height }]
    case 'unopen':
      return context.height === undefined ? [] : [{ type: 'channel.unopened', at }]
    case 'pay': {
      const { paid, signature } = command
      const capacity = context.terms?.capacitySats ?? 0n
      if (paid === context.paid) return []
      if (paid < context.paid) return { refused: 'voucher-goes-back', why: `${paid} is below ${context.paid}` }
      if (paid < DUST_SATS) return { refused: 'voucher-below-dust', why: `${paid} is below ${DUST_SATS}` }
      if (paid > capacity) return { refused: 'over-capacity', why: `${paid} is above ${capacity}` }
      return [{ type: 'channel.paid', at, paid, signature }]
    }
    case 'close':
      if (context.spend?.txid === command.txid) return []
      if (context.paid === 0n && !command.together)
        return { refused: 'nothing-paid', why: 'there is no voucher to close with' }
      return [
        {
          type: 'channel.closing',
          at,
          txid: command.txid,
          raw: command.raw,
          paid: context.paid,
          ...(command.together ? { together: true as const } : {}),
        },
      ]
    case 'agree':
      return context.agreed?.txid === command.txid
        ? []
        : [{ type: 'channel.agreed', at, txid: command.txid, raw: command.raw, paid: command.paid }]
    case 'closed':
      return state.value === 'closed'
        ? []
        : [{ type: 'channel.closed', at, txid: command.txid, height: command.height }]
    case 'refund': {
      if (context.spend !== undefined && (state.value !== 'refunding' || context.spend.txid === command.txid)) return []
      const expiry = context.terms?.expiryHeight ?? Number.POSITIVE_INFINITY
      return command.height < expiry
        ? { refused: 'not-expired', why: `height ${command.height} is before ${expiry}` }
        : [{ type: 'channel.refunding', at, txid: command.txid, raw: command.raw }]
    }
    case 'refunded':
      return state.value === 'refunded'
        ? []
        : [{ type: 'channel.refunded', at, txid: command.txid, height: command.height }]
    case 'reopen':
      return state.value === 'closed' || state.value === 'refunded' ? reopened(at, state) : []
  }
}

/** Back to what it was: a close or a refund of this node that was on its way is so again. */
const reopened = (at: number, { value, context: { spend, paid } }: ChannelState): ChannelFact[] => [
  { type: 'channel.reopened', at },
  ...(spend?.raw === undefined ? [] : [again(at, value === 'closed', spend.txid, spend.raw, paid)]),
]

const again = (at: number, closes: boolean, txid: string, raw: string, paid: bigint): ChannelFact =>
  closes ? { type: 'channel.closing', at, txid, raw, paid } : { type: 'channel.refunding', at, txid, raw }

/** Rules of a channel's stream. */
export const channel = chartDecider(channelChart, propose)

import type { ChannelCommand } from '../../../domain/channel/channel.ts'
import type { ChannelFact, ChannelTerms } from '../../../domain/channel/facts.ts'

export const AT = 1_800_000_000_000

export const CHANNEL: ChannelTerms = {
  publisherKey: `02${'11'.repeat(32)}`,
  providerKey: `03${'22'.repeat(32)}`,
  expiryHeight: 500,
  capacitySats: 50_000n,
  publisherScript: `0014${'33'.repeat(20)}`,
  providerScript: `0014${'44'.repeat(20)}`,
}

export const FUNDING_TXID = 'f0'.repeat(32)
export const CLOSING_TXID = 'c1'.repeat(32)
export const REFUND_TXID = 'e2'.repeat(32)

type FactOf<T extends ChannelFact['type']> = Extract<ChannelFact, { type: T }>

/** One of each fact; `salt` varies what may vary. */
export const channelFacts = (salt = 0): { readonly [T in ChannelFact['type']]: FactOf<T> } => {
  const at = AT + salt
  return {
    'channel.proposed': { type: 'channel.proposed', at, terms: CHANNEL },
    'channel.funded': { type: 'channel.funded', at, txid: FUNDING_TXID, vout: 0, raw: '0200' },
    'channel.opened': { type: 'channel.opened', at, height: 100 + salt },
    'channel.unopened': { type: 'channel.unopened', at },
    'channel.paid': { type: 'channel.paid', at, paid: 1_000n + BigInt(salt), signature: '55'.repeat(64) },
    'channel.closing': { type: 'channel.closing', at, txid: CLOSING_TXID, raw: '0201', paid: 1_000n },
    'channel.agreed': { type: 'channel.agreed', at, txid: CLOSING_TXID, raw: '0203', paid: 1_000n },
    'channel.closed': { type: 'channel.closed', at, txid: CLOSING_TXID, height: 110 + salt },
    'channel.refunding': { type: 'channel.refunding', at, txid: REFUND_TXID, raw: '0202' },
    'channel.refunded': { type: 'channel.refunded', at, txid: REFUND_TXID, height: 501 + salt },
    'channel.reopened': { type: 'channel.reopened', at },
  }
}

/** One of each command. */
export const channelCommands = (salt = 0): readonly ChannelCommand[] => {
  const at = AT + salt
  return [
    { kind: 'propose', at, terms: CHANNEL },
    { kind: 'fund', at, txid: FUNDING_TXID, vout: 0, raw: '0200' },
    { kind: 'open', at, height: 100 + salt },
    { kind: 'unopen', at },
    { kind: 'pay', at, paid: 1_000n + BigInt(salt), signature: '55'.repeat(64) },
    { kind: 'close', at, txid: CLOSING_TXID, raw: '0201' },
    { kind: 'agree', at, txid: CLOSING_TXID, raw: '0203', paid: 1_000n },
    { kind: 'closed', at, txid: CLOSING_TXID, height: 110 },
    { kind: 'refund', at, txid: REFUND_TXID, raw: '0202', height: 501 },
    { kind: 'refunded', at, txid: REFUND_TXID, height: 502 },
    { kind: 'reopen', at },
  ]
}

import type { ChannelFact } from '../domain/channel/facts.ts'
import { legOf } from '../domain/ids.ts'
import { sortKey } from './sort-key.ts'
import type { Table } from './table.ts'

export type ChannelState =
  | 'proposed'
  | 'funded'
  | 'open'
  | 'closing'
  | 'refunding'
  /** Its end is in a block. */
  | 'closed'
  | 'refunded'

/** A payment channel as this node sees it. Its vouchers' signatures stay in the log. */
export type ChannelRow = {
  /** The lease id; with a point and a number behind it when it is one of the lease's top-ups. */
  readonly id: string
  readonly leaseId: string
  /** 0 is the lease's first channel. */
  readonly leg: number
  readonly state: ChannelState
  readonly capacitySats: bigint
  readonly paidSats: bigint
  readonly publisherKey: string
  readonly providerKey: string
  readonly expiryHeight: number
  readonly funding?: { readonly txid: string; readonly vout: number }
  /** Of the funding's block. */
  readonly height?: number
  readonly spend?: { readonly txid: string; readonly height?: number }
  /** Position of its first fact: the order of lists, which never changes. */
  readonly began: number
  readonly position: number
}

export const channels = {
  name: 'channels',
  version: 4,
  types: [
    'channel.proposed',
    'channel.funded',
    'channel.opened',
    'channel.unopened',
    'channel.paid',
    'channel.closing',
    'channel.closed',
    'channel.refunding',
    'channel.refunded',
    'channel.reopened',
  ],
  columns: {
    began: (row) => row.began,
    leaseId: (row) => row.leaseId,
    state: (row) => row.state,
    expiryHeight: (row) => row.expiryHeight,
    fundingTxid: (row) => row.funding?.txid ?? null,
    spendTxid: (row) => row.spend?.txid ?? null,
    capacitySats: (row) => sortKey(row.capacitySats),
    paidSats: (row) => sortKey(row.paidSats),
  },
  fold({ stream, position, fact }, rows) {
    const id = stream.slice('channel-'.length)
    const row = rows.get(id) ?? { ...begin, id, ...legOf(id), began: position }
    rows.put(id, { ...after(row, fact), position })
  },
} satisfies Table<ChannelRow, ChannelFact>

const begin = {
  state: 'proposed',
  capacitySats: 0n,
  paidSats: 0n,
  publisherKey: '',
  providerKey: '',
  expiryHeight: 0,
  position: 0,
} as const

/** States that a confirmation of the funding changes; a spend on its way, or done, stays what it is. */
const running = (state: ChannelRow['state']): boolean => state === 'proposed' || state === 'funded' || state === 'open'

const after = (row: ChannelRow, fact: ChannelFact): ChannelRow => {
  switch (fact.type) {
    case 'channel.proposed': {
      const { publisherKey, providerKey, expiryHeight, capacitySats } = fact.terms
      return { ...row, publisherKey, providerKey, expiryHeight, capacitySats }
    }
    case 'channel.funded':
      return { ...row, state: 'funded', funding: { txid: fact.txid, vout: fact.vout } }
    case 'channel.opened':
      return { ...row, state: running(row.state) ? 'open' : row.state, height: fact.height }
    case 'channel.unopened': {
      const { height: _, ...mempool } = row
      return { ...mempool, state: running(row.state) ? 'funded' : row.state }
    }
    case 'channel.paid':
      return { ...row, paidSats: fact.paid }
    // A promise to the provider, which changes nothing yet.
    case 'channel.agreed':
      return row
    case 'channel.closing':
      return { ...row, state: 'closing', spend: { txid: fact.txid } }
    case 'channel.closed':
      return { ...row, state: 'closed', spend: { txid: fact.txid, height: fact.height } }
    case 'channel.refunding':
      return { ...row, state: 'refunding', spend: { txid: fact.txid } }
    case 'channel.refunded':
      return { ...row, state: 'refunded', spend: { txid: fact.txid, height: fact.height } }
    case 'channel.reopened': {
      const { spend: _, ...unspent } = row
      return { ...unspent, state: unspent.height === undefined ? 'funded' : 'open' }
    }
  }
}

import { type ChannelRow, channels } from '../../../projections/channels.ts'
import { builder } from './builder.ts'

export const ChannelStateEnum = builder.enumType('ChannelState', {
  description: 'CLOSED and REFUNDED: the end is in a block.',
  values: {
    PROPOSED: { value: 'proposed' },
    FUNDED: { value: 'funded' },
    OPEN: { value: 'open' },
    CLOSING: { value: 'closing' },
    REFUNDING: { value: 'refunding' },
    CLOSED: { value: 'closed' },
    REFUNDED: { value: 'refunded' },
  } as const,
})

export const ChannelRef = builder.objectRef<ChannelRow>('Channel')
export const ChannelType = builder.node(ChannelRef, {
  description: 'The one-way payment channel of a lease.',
  id: { resolve: (row) => row.id },
  loadOne: (id, { projector }) => projector.byId(channels, id),
  fields: (t) => ({
    leaseId: t.expose('leaseId', { type: 'Hex' }),
    leg: t.exposeInt('leg', { description: '0 is the lease’s first channel; each top-up has the next number.' }),
    state: t.field({ type: ChannelStateEnum, resolve: (row) => row.state }),
    capacitySats: t.expose('capacitySats', { type: 'Amount' }),
    paidSats: t.expose('paidSats', { type: 'Amount', description: 'Of the newest voucher.' }),
    publisherKey: t.expose('publisherKey', { type: 'PublicKey', description: 'Of this channel alone.' }),
    providerKey: t.expose('providerKey', { type: 'PublicKey', description: 'Of this channel alone.' }),
    expiryHeight: t.exposeInt('expiryHeight', {
      description: 'Then the publisher may take back what was not claimed.',
    }),
    fundingTxid: t.field({ type: 'Hex', nullable: true, resolve: (row) => row.funding?.txid ?? null }),
    fundingVout: t.int({ nullable: true, resolve: (row) => row.funding?.vout ?? null }),
    fundingHeight: t.int({ nullable: true, resolve: (row) => row.height ?? null }),
    spendTxid: t.field({ type: 'Hex', nullable: true, resolve: (row) => row.spend?.txid ?? null }),
    spendHeight: t.int({ nullable: true, resolve: (row) => row.spend?.height ?? null }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
export const ChannelConnection = builder.connectionObject(
  { name: 'ChannelConnection', type: ChannelType },
  { name: 'ChannelEdge' },
)

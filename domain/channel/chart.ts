import { assign, setup } from 'xstate'
import { OVER } from '../over.ts'
import type { ChannelFact, ChannelTerms } from './facts.ts'

export type ChannelContext = {
  readonly terms: ChannelTerms | undefined
  readonly funding: { readonly txid: string; readonly vout: number; readonly raw: string } | undefined
  readonly height: number | undefined
  /** Newest voucher; 0 when there is none. */
  readonly paid: bigint
  readonly signature: string | undefined
  /** The plain close that the publisher signed last; in a log of the publisher's only. */
  readonly agreed: { readonly txid: string; readonly raw: string } | undefined
  /** The spend of the funding: its id once known, and its bytes when it is this node's own. */
  readonly spend:
    | { readonly txid: string; readonly raw: string | undefined; readonly height: number | undefined }
    | undefined
}

const begin: ChannelContext = {
  terms: undefined,
  funding: undefined,
  height: undefined,
  paid: 0n,
  signature: undefined,
  agreed: undefined,
  spend: undefined,
}

const { createMachine } = setup({ types: { context: {} as ChannelContext, events: {} as ChannelFact } })

/** See `domain/channel/script.ts` for the transactions. Edges back are reorganisations of the chain. */
export const channelChart = createMachine({
  id: 'channel',
  context: begin,
  initial: 'unknown',
  states: {
    unknown: {
      on: { 'channel.proposed': { target: 'proposed', actions: assign({ terms: ({ event }) => event.terms }) } },
    },
    proposed: {
      on: {
        'channel.funded': {
          target: 'live.funded',
          actions: assign({ funding: ({ event: { txid, vout, raw } }) => ({ txid, vout, raw }) }),
        },
      },
    },
    live: {
      initial: 'funded',
      states: {
        funded: {
          on: { 'channel.opened': { target: 'open', actions: assign({ height: ({ event }) => event.height }) } },
        },
        open: {
          on: {
            'channel.opened': { actions: assign({ height: ({ event }) => event.height }) },
            'channel.unopened': { target: 'funded', actions: assign({ height: undefined }) },
          },
        },
      },
      on: {
        'channel.paid': { actions: assign(({ event: { paid, signature } }) => ({ paid, signature })) },
        // It spends the channel when the provider says so: until then everything else may still happen.
        'channel.agreed': { actions: assign({ agreed: ({ event: { txid, raw } }) => ({ txid, raw }) }) },
        'channel.closing': {
          target: 'closing',
          actions: assign({ spend: ({ event: { txid, raw } }) => ({ txid, raw, height: undefined }) }),
        },
        'channel.refunding': {
          target: 'refunding',
          actions: assign({ spend: ({ event: { txid, raw } }) => ({ txid, raw, height: undefined }) }),
        },
      },
    },
    closing: {
      on: {
        // One with a higher fee in the place of the first.
        'channel.closing': {
          actions: assign({ spend: ({ event: { txid, raw } }) => ({ txid, raw, height: undefined }) }),
        },
        'channel.opened': { actions: assign({ height: ({ event }) => event.height }) },
        'channel.unopened': { actions: assign({ height: undefined }) },
      },
    },
    refunding: {
      on: {
        'channel.refunding': {
          actions: assign({ spend: ({ event: { txid, raw } }) => ({ txid, raw, height: undefined }) }),
        },
        'channel.opened': { actions: assign({ height: ({ event }) => event.height }) },
        'channel.unopened': { actions: assign({ height: undefined }) },
      },
    },
    // Funding and spend can be in one block, and go with it in either order.
    closed: {
      tags: OVER,
      on: {
        'channel.opened': { actions: assign({ height: ({ event }) => event.height }) },
        'channel.unopened': { actions: assign({ height: undefined }) },
        'channel.reopened': { target: 'live.open', actions: assign({ spend: undefined }) },
      },
    },
    refunded: {
      tags: OVER,
      on: {
        'channel.opened': { actions: assign({ height: ({ event }) => event.height }) },
        'channel.unopened': { actions: assign({ height: undefined }) },
        'channel.reopened': { target: 'live.open', actions: assign({ spend: undefined }) },
      },
    },
  },
  on: {
    // The other side's spend is first seen in a block, whatever this side was doing.
    'channel.closed': {
      target: '.closed',
      actions: assign({
        spend: ({ context, event: { txid, height } }) => ({
          txid,
          height,
          raw: context.spend?.txid === txid ? context.spend.raw : undefined,
        }),
      }),
    },
    'channel.refunded': {
      target: '.refunded',
      actions: assign({
        spend: ({ context, event: { txid, height } }) => ({
          txid,
          height,
          raw: context.spend?.txid === txid ? context.spend.raw : undefined,
        }),
      }),
    },
  },
})

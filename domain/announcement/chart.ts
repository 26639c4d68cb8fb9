import { assign, setup } from 'xstate'
import type { Verdict } from '../match.ts'
import { OVER } from '../over.ts'
import type { AnnouncementBody } from './body.ts'
import type { AnnouncementFact, Order, RecordFacts } from './facts.ts'

export type AnnouncementContext = {
  readonly own: boolean
  readonly txid: string
  readonly author: string
  readonly bondSats: bigint
  readonly record: RecordFacts | undefined
  readonly body: AnnouncementBody | undefined
  readonly order: Order | undefined
  readonly height: number | undefined
  readonly verdict: Verdict | undefined
}

const begin: AnnouncementContext = {
  own: false,
  txid: '',
  author: '',
  bondSats: 0n,
  record: undefined,
  body: undefined,
  order: undefined,
  height: undefined,
  verdict: undefined,
}

const { createMachine } = setup({ types: { context: {} as AnnouncementContext, events: {} as AnnouncementFact } })

/** An announcement stands while its bond is unspent and its expiry has not come. */
export const announcementChart = createMachine({
  id: 'announcement',
  context: begin,
  initial: 'unknown',
  states: {
    unknown: {
      on: {
        'announcement.posted': {
          target: 'posted',
          actions: assign(({ event }) => ({ own: true, txid: event.txid, body: event.body, order: event.order })),
        },
        'announcement.seen': {
          target: 'standing',
          actions: assign(({ event: { txid, author, bondSats, record } }) => ({ txid, author, bondSats, record })),
        },
      },
    },
    posted: {
      on: {
        'announcement.seen': {
          target: 'standing',
          actions: assign(({ event: { txid, author, bondSats, record } }) => ({ txid, author, bondSats, record })),
        },
      },
    },
    standing: {
      on: {
        'announcement.posted': {
          actions: assign(({ event }) => ({ own: true, body: event.body, order: event.order })),
        },
        'announcement.confirmed': { actions: assign({ height: ({ event }) => event.height }) },
        'announcement.unconfirmed': { actions: assign({ height: undefined }) },
        'announcement.described': { actions: assign({ body: ({ event }) => event.body }) },
        'announcement.judged': { actions: assign({ verdict: ({ event }) => event.verdict }) },
        'announcement.withdrawn': 'withdrawn',
        'announcement.expired': 'expired',
      },
    },
    withdrawn: {
      tags: OVER,
      on: {
        'announcement.confirmed': { actions: assign({ height: ({ event }) => event.height }) },
        'announcement.unconfirmed': { actions: assign({ height: undefined }) },
        'announcement.restored': 'standing',
      },
    },
    expired: { tags: OVER, on: { 'announcement.withdrawn': 'withdrawn' } },
  },
})

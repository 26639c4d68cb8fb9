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
  /** Of the block that showed it first; undefined when it waited in the mempool before. */
  readonly seenIn: number | undefined
  readonly expiredAt: number | undefined
  readonly withdrawal: Withdrawal | undefined
  readonly verdict: Verdict | undefined
}

/** The spend of the bond. `waited`: the mempool had it before a block did. */
export type Withdrawal = { readonly by: string; readonly height: number | undefined; readonly waited: boolean }

const begin: AnnouncementContext = {
  own: false,
  txid: '',
  author: '',
  bondSats: 0n,
  record: undefined,
  body: undefined,
  order: undefined,
  height: undefined,
  seenIn: undefined,
  expiredAt: undefined,
  withdrawal: undefined,
  verdict: undefined,
}

type FactOf<T extends AnnouncementFact['type']> = Extract<AnnouncementFact, { type: T }>
type Folding<T extends AnnouncementFact['type']> = {
  readonly context: AnnouncementContext
  readonly event: FactOf<T>
}

const seen = ({ event: { txid, author, bondSats, record, height } }: Folding<'announcement.seen'>) => ({
  txid,
  author,
  bondSats,
  record,
  seenIn: height,
})

const withdrawn = ({ context: { withdrawal: before }, event: { by, height } }: Folding<'announcement.withdrawn'>) => ({
  withdrawal: { by, height, waited: height === undefined || (before?.by === by && before.waited) },
})

const lost = ({ context: { own, txid, body, order } }: Folding<'announcement.lost'>) => ({
  ...begin,
  own,
  txid,
  body,
  order,
})

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
          actions: assign(seen),
        },
      },
    },
    posted: {
      on: {
        'announcement.seen': {
          target: 'standing',
          actions: assign(seen),
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
        'announcement.withdrawn': { target: 'withdrawn', actions: assign(withdrawn) },
        'announcement.expired': { target: 'expired', actions: assign({ expiredAt: ({ event }) => event.height }) },
        'announcement.unseen': { target: 'unknown', actions: assign(begin) },
        'announcement.lost': { target: 'posted', actions: assign(lost) },
      },
    },
    withdrawn: {
      tags: OVER,
      on: {
        'announcement.confirmed': { actions: assign({ height: ({ event }) => event.height }) },
        'announcement.unconfirmed': { actions: assign({ height: undefined }) },
        // Another spend, or the same one in another place.
        'announcement.withdrawn': { actions: assign(withdrawn) },
        'announcement.restored': {
          target: 'standing',
          actions: assign({ withdrawal: undefined, expiredAt: undefined }),
        },
      },
    },
    expired: {
      tags: OVER,
      on: {
        'announcement.confirmed': { actions: assign({ height: ({ event }) => event.height }) },
        'announcement.unconfirmed': { actions: assign({ height: undefined }) },
        'announcement.withdrawn': { target: 'withdrawn', actions: assign(withdrawn) },
        'announcement.unexpired': { target: 'standing', actions: assign({ expiredAt: undefined }) },
        'announcement.unseen': { target: 'unknown', actions: assign(begin) },
        'announcement.lost': { target: 'posted', actions: assign(lost) },
      },
    },
  },
})

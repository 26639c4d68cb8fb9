import { assign, setup } from 'xstate'
import { OVER } from '../over.ts'
import { paid } from './budget.ts'
import { foldChange } from './change.ts'
import { begin, type LeaseContext } from './context.ts'
import type { LeaseFact } from './facts.ts'
import { addLeg } from './legs.ts'
import { addNotice, dropNotice } from './notice.ts'
import { foldPause, foldResume } from './pauses.ts'

const { createMachine } = setup({
  types: { context: {} as LeaseContext, events: {} as LeaseFact },
  actions: {
    fail: assign(({ event }) =>
      event.type === 'lease.lapsed' || event.type === 'lease.refused' || event.type === 'lease.failed'
        ? { failure: event.code }
        : {},
    ),
    topUp: assign(({ context, event }) => (event.type === 'lease.topped-up' ? addLeg(context, event) : {})),
    meter: assign(({ event }) =>
      event.type === 'lease.metered' ? { tick: event.tick, usage: event.usage, owedMsat: event.owedMsat } : {},
    ),
    change: assign(({ context, event }) => foldChange(context, event as Parameters<typeof foldChange>[1])),
    giveUpTopUp: assign({ wanted: undefined }),
    pay: assign(({ context, event }) => (event.type === 'lease.paid' ? paid(context, event) : {})),
    pause: assign(({ context, event }) => (event.type === 'lease.paused' ? foldPause(context, event) : {})),
    resume: assign(({ context, event }) => (event.type === 'lease.resumed' ? foldResume(context, event) : {})),
    end: assign(({ event }) =>
      event.type === 'lease.ended'
        ? {
            end: { code: event.code, culprit: event.culprit, at: event.at },
            pauses: [],
            pausedSince: undefined,
            shrunkTo: undefined,
          }
        : {},
    ),
  },
})

/** A wallet may have paid for a top-up while the lease came to its end. */
const toppedUp = {
  'lease.topped-up': { actions: 'topUp' },
  'lease.top-up-refused': { actions: 'giveUpTopUp' },
} as const

/** The publisher may have signed while the provider ended it. */
const changing = {
  'lease.change-wanted': { actions: 'change' },
  'lease.change-offered': { actions: 'change' },
  'lease.changed': { actions: 'change' },
  'lease.change-refused': { actions: 'change' },
} as const

/** Ends that cost nobody anything: open until the channel is funded. */
const unmade = {
  'lease.lapsed': { target: '#lease.lapsed', actions: 'fail' },
  'lease.refused': { target: '#lease.refused', actions: 'fail' },
  'lease.failed': { target: '#lease.failed', actions: 'fail' },
} as const

/**
 * The seven stages of a lease. Events are facts: the chart says which may follow which and adds them up; it judges nothing
 * (no guards: replaying old history must never depend on today's rules).
 */
export const leaseChart = createMachine({
  id: 'lease',
  context: begin,
  initial: 'unknown',
  states: {
    unknown: {
      on: {
        'lease.sought': {
          target: 'announce',
          actions: assign(({ event: { leaseId, side, announcement, publisherKey, remote } }) => ({
            leaseId,
            side,
            announcement,
            publisherKey,
            remote,
          })),
        },
      },
    },
    announce: { on: { 'lease.matched': 'connect', ...unmade } },
    connect: {
      on: {
        'lease.connected': { target: 'challenge', actions: assign({ remote: ({ event }) => event.remote }) },
        ...unmade,
      },
    },
    challenge: {
      on: {
        'lease.challenged': { target: 'negotiate', actions: assign({ peerKey: ({ event }) => event.peerKey }) },
        ...unmade,
      },
    },
    negotiate: {
      on: {
        'lease.offered': {
          actions: assign({ proposal: ({ event: { terms, final } }) => ({ terms, by: 'provider' as const, final }) }),
        },
        'lease.countered': {
          actions: assign({ proposal: ({ event: { terms, final } }) => ({ terms, by: 'publisher' as const, final }) }),
        },
        'lease.agreed': {
          target: 'provision',
          actions: assign(({ event: { terms, at } }) => ({ terms, agreedAt: at, proposal: undefined })),
        },
        ...unmade,
      },
    },
    provision: {
      initial: 'bare',
      states: {
        bare: {
          on: {
            'lease.provisioned': { target: 'made', actions: assign({ shell: ({ event }) => event.shell }) },
            'lease.funded': {
              target: 'funded',
              actions: assign({ funding: ({ event: { txid, vout } }) => ({ txid, vout }) }),
            },
            ...unmade,
          },
        },
        made: {
          on: {
            'lease.funded': {
              target: '#lease.meter',
              actions: assign(({ event: { txid, vout, at } }) => ({ funding: { txid, vout }, servingSince: at })),
            },
            ...unmade,
          },
        },
        funded: {
          on: {
            'lease.provisioned': {
              target: '#lease.meter',
              actions: assign(({ event: { shell, at } }) => ({ shell, servingSince: at })),
            },
            'lease.ended': { target: '#lease.settle', actions: 'end' },
          },
        },
      },
    },
    meter: {
      initial: 'flowing',
      states: {
        flowing: {
          on: {
            'lease.starved': 'starved',
            'lease.paused': { target: 'paused', actions: 'pause' },
            'lease.paid': { actions: 'pay' },
          },
        },
        starved: {
          on: {
            'lease.paused': { target: 'paused', actions: 'pause' },
            'lease.paid': { target: 'flowing', actions: 'pay' },
          },
        },
        paused: {
          on: {
            'lease.paused': { actions: 'pause' },
            'lease.resumed': { target: 'flowing', actions: 'resume' },
            'lease.paid': { actions: 'pay' },
          },
        },
      },
      on: {
        'lease.inside-read': { actions: assign(({ event }) => ({ inside: event.inside, unread: undefined })) },
        'lease.inside-unread': { actions: assign(({ event }) => ({ unread: event.why })) },
        'lease.pause-wanted': {
          actions: assign(({ event: { paused, at } }) => ({
            pauseWanted: paused,
            pauseWishTold: true,
            pauseWantedAt: paused ? at : undefined,
          })),
        },
        'lease.shrunk': { actions: assign({ shrunkTo: ({ event }) => event.cpuMillis }) },
        'lease.unshrunk': { actions: assign({ shrunkTo: undefined }) },
        'lease.metered': { actions: 'meter' },
        ...toppedUp,
        ...changing,
        'lease.top-up-wanted': {
          actions: assign({
            wanted: ({ event: { leg, sats } }) => ({ leg, sats }),
            references: ({ context, event }) => [...context.references, event.reference],
            nextLeg: ({ event }) => event.leg + 1,
          }),
        },
        'lease.noticed': { actions: assign(({ context, event }) => addNotice(context, event)) },
        'lease.notice-withdrawn': { actions: assign(({ context, event }) => dropNotice(context, event.by)) },
        'lease.ended': { target: 'settle', actions: 'end' },
      },
    },
    settle: {
      on: {
        // The last tick and its voucher may still come after the end was declared.
        'lease.metered': { actions: 'meter' },
        'lease.paid': { actions: 'pay' },
        'lease.released': { actions: assign({ released: true }) },
        'lease.receipted': { actions: assign({ receipt: ({ event }) => event.signed }) },
        ...toppedUp,
        'lease.changed': { actions: 'change' },
        'lease.settled-in-part': {
          actions: assign({
            parts: ({ context, event: { legs, txid, height, paidSats } }) => [
              ...context.parts.filter((part) => !part.legs.some((leg) => legs.includes(leg))),
              { legs, txid, height, paidSats },
            ],
          }),
        },
        'lease.settled': 'settled',
        'lease.refunded': 'refunded',
      },
    },
    settled: {
      tags: OVER,
      on: {
        // Machine and paper may follow the money: the chain does not wait for them.
        'lease.released': { actions: assign({ released: true }) },
        'lease.receipted': { actions: assign({ receipt: ({ event }) => event.signed }) },
      },
    },
    refunded: {
      tags: OVER,
      on: { 'lease.released': { actions: assign({ released: true }) } },
    },
    lapsed: { tags: OVER },
    refused: { tags: OVER },
    failed: { tags: OVER },
  },
})

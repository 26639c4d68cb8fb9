import { RENT_DEFAULTS } from '../rent-request.ts'
import { builder } from './builder.ts'
import { IsolationEnum, MachineNetworkEnum } from './value-types.ts'

const D = RENT_DEFAULTS

/** Repeated with the same key, a command answers as before and does nothing anew. */
export const KEY_DESCRIPTION =
  'Chosen by the caller, 1 to 100 characters: repeated with the same key, it answers as before.'

/** How long `rent` waits for an agreement, ms, when the request does not say. */
export const DEFAULT_WAIT_MS = 120_000

// Bounds are checked by `RentInput` and answered with a Problem: nothing here has a GraphQL default, so both faces share one.
const requestFields = (t: Parameters<Parameters<typeof builder.inputType>[1]['fields']>[0]) => ({
  image: t.string({ description: `Default ${D.image}.` }),
  cpu: t.float({ description: 'Cores; instead of cpuMillis.' }),
  cpuMillis: t.int({ description: `Thousandths of a core. Default ${D.cpuMillis}.` }),
  memoryBytes: t.field({ type: 'Amount', description: `Default ${D.memoryBytes}.` }),
  diskBytes: t.field({ type: 'Amount', description: `Default ${D.diskBytes}.` }),
  pids: t.int({ description: `Default ${D.pids}.` }),
  isolation: t.field({ type: IsolationEnum, description: 'At least; default NONE.' }),
  network: t.field({ type: MachineNetworkEnum, description: 'Default NONE.' }),
  count: t.int({ description: `Machines. Default ${D.count}.` }),
  maxHourlySats: t.field({
    type: 'Amount',
    description: `The most for an hour of full use, sats. Default ${D.maxHourlySats}.`,
  }),
  budgetSats: t.field({
    type: 'Amount',
    description:
      'Locked in the channel of each lease, whose hard limit it is without mostSats. Default: full use for the longest duration.',
  }),
  mostSats: t.field({
    type: 'Amount',
    description:
      'The hard limit of each lease, up to which it is topped up by itself when little is left. Default: none is.',
  }),
  maxDurationS: t.int({ description: `Default ${D.maxDurationS}.` }),
  authorizedKeys: t.stringList({
    description: 'OpenSSH public keys that may log in, 1 to 16; with keepKey they may be absent.',
  }),
  keepKey: t.boolean({
    description:
      'The node makes a key as well, and keeps it while the leases last: for its /terminal, and `zennet lease ssh` there.',
  }),
  label: t.string({ description: 'For people, at most 80 characters; public.' }),
  renewUpToS: t.int({
    description:
      'Leases are made longer by themselves while the provider agrees, to so much at the most. Default: none is.',
  }),
  noticeMs: t.int({
    description: 'How long before it ends a lease by choice a provider has to say so. Default 0: not at all.',
  }),
  maxPauseS: t.int({
    description: `The longest that a lease may be paused by either side; 0: it cannot be. Default ${D.maxPauseS}.`,
  }),
  minAvailability: t.float({
    description:
      'How available a provider must have been in the last 30 days, percent; public. Who is known for less than a day is not. Default: it does not matter.',
  }),
  dataGraceS: t.int({ description: `How long data can be fetched after the end. Default ${D.dataGraceS}.` }),
  tickMs: t.int({ description: `Between two payments. Default ${D.tickMs}.` }),
  expiryBlocks: t.int({ description: `How long it stands. Default ${D.expiryBlocks}.` }),
  offerWindowMs: t.int({ description: `How long offers are collected after the first. Default ${D.offerWindowMs}.` }),
})

const keyField = (t: Parameters<typeof requestFields>[0]) => ({
  idempotencyKey: t.string({ required: true, description: KEY_DESCRIPTION }),
})

export const PostAnnouncementInput = builder.inputType('PostAnnouncementInput', {
  description: 'Machines wanted. What is absent has the default that is named.',
  fields: (t) => ({ ...requestFields(t), ...keyField(t) }),
})

export const DryRunInput = builder.inputType('DryRunInput', {
  description: 'As PostAnnouncementInput and RentInput, which may be given as they are.',
  fields: (t) => ({
    ...requestFields(t),
    waitMs: t.int({ description: 'Has no say here.' }),
    idempotencyKey: t.string({ description: 'Has no say here.' }),
  }),
})

export const RentInput = builder.inputType('RentInput', {
  description: 'Machines wanted now: withdrawn by itself when nobody agreed in time.',
  fields: (t) => ({
    ...requestFields(t),
    ...keyField(t),
    waitMs: t.int({ description: `1,000 to 86,400,000. Default ${DEFAULT_WAIT_MS}.` }),
  }),
})

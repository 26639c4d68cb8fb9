import type { Culprit } from '../fault.ts'

/**
 * Why a lease is over: code, whose doing it was, and what to do next. Codes are a contract: never reused, never renamed.
 * `stopped-by-*` are ordinary ends, for which nobody is to blame; their culprit says who chose.
 */
export const ENDS = {
  'stopped-by-publisher': { culprit: 'publisher', next: 'Nothing: the lease was stopped on request.' },
  'stopped-by-provider': { culprit: 'provider', next: 'Rent again; another provider may be free.' },
  'ended-without-notice': {
    culprit: 'provider',
    next: 'Rent from another provider: this one ended it without the notice that it had agreed to.',
  },
  'duration-reached': { culprit: 'publisher', next: 'Rent again, or ask for a longer duration.' },
  'capacity-used': {
    culprit: 'publisher',
    next: 'Rent again with a larger budget, or top the lease up while it runs (zennet lease top-up).',
  },
  'daily-budget-used': {
    culprit: 'publisher',
    next: 'Rent again tomorrow (UTC), or raise dailyBudgetSats; zennet budget shows what is left.',
  },
  unpaid: { culprit: 'publisher', next: 'Check the publisher’s log: its node stopped signing vouchers.' },
  'bad-voucher': { culprit: 'publisher', next: 'Update the publisher’s node; its vouchers do not fit the terms.' },
  'publisher-silent': { culprit: 'peer-unreachable', next: 'Check the publisher’s node and network.' },
  'provider-silent': {
    culprit: 'peer-unreachable',
    next: 'Check the provider’s node and network; nothing more is paid.',
  },
  'usage-impossible': { culprit: 'provider', next: 'Do not rent from this provider again; the bill was refused.' },
  'usage-mismatch': {
    culprit: 'provider',
    next: 'Rent from another provider: what was billed is above what was read in the machine (zennet lease show).',
  },
  'paused-too-long': {
    culprit: 'publisher',
    next: 'Rent again; agree on longer pauses (zennet rent --max-pause), or end a lease that is not needed.',
  },
  'provider-paused-too-long': {
    culprit: 'provider',
    next: 'Rent again; this machine was needed by its owner for longer than agreed.',
  },
  'machine-exited': {
    culprit: 'publisher',
    next: 'The machine’s first process ended; choose an image that keeps running.',
  },
  'machine-out-of-memory': { culprit: 'publisher', next: 'Rent again with more memory.' },
  'machine-gone': { culprit: 'host', next: 'The provider lost the machine; rent again.' },
  'funding-missing': { culprit: 'publisher', next: 'Check that the funding transaction is in a block.' },
  'host-fault': { culprit: 'host', next: 'See the provider’s log.' },
} as const satisfies Record<string, { culprit: Culprit; next: string }>

export type EndCode = keyof typeof ENDS

export const isEndCode = (code: string): code is EndCode => Object.hasOwn(ENDS, code)

/** Why a lease never came to be. Same contract as `ENDS`. */
export const FAILURES = {
  'policy-says-no': { culprit: 'provider', next: 'See the verdict: it names each rule that said no.' },
  'wrong-key': { culprit: 'peer-unreachable', next: 'Somebody else answers at that address; nothing was agreed.' },
  'peer-unreachable': { culprit: 'peer-unreachable', next: 'Check the address, and that the other node runs.' },
  'peer-misbehaved': { culprit: 'peer-unreachable', next: 'The other node broke the protocol; see the log.' },
  'not-chosen': { culprit: 'publisher', next: 'Nothing: the publisher took other offers.' },
  'announcement-closed': {
    culprit: 'publisher',
    next: 'Nothing: the announcement was withdrawn, filled or has expired.',
  },
  'too-expensive': { culprit: 'provider', next: 'Raise the price ceiling, or wait for cheaper offers.' },
  'below-floor': { culprit: 'publisher', next: 'Raise the price ceiling, or wait for cheaper offers.' },
  'not-available': {
    culprit: 'provider',
    next: 'Ask for less with --min-availability, or wait for a provider that was there for longer.',
  },
  'terms-differ': { culprit: 'peer-unreachable', next: 'The other node changed agreed terms; nothing was signed.' },
  'insufficient-funds': { culprit: 'publisher', next: 'Receive coins (zennet wallet receive), then rent again.' },
  'over-daily-budget': {
    culprit: 'publisher',
    next: 'Rent again tomorrow (UTC), or raise dailyBudgetSats; zennet budget shows what is left.',
  },
  'funding-refused': { culprit: 'publisher', next: 'The chain refused the funding transaction; see the log.' },
  'machine-no-image': { culprit: 'provider', next: 'Choose an image that the provider has.' },
  'machine-exited-at-once': { culprit: 'publisher', next: 'The image ends at once; choose one that keeps running.' },
  'machine-failed': { culprit: 'host', next: 'The provider could not make the machine; see its log.' },
  'stage-timeout': { culprit: 'peer-unreachable', next: 'The other side took too long; rent again.' },
  'node-restarted': { culprit: 'host', next: 'A node restarted before the lease was agreed; rent again.' },
} as const satisfies Record<string, { culprit: Culprit; next: string }>

export type FailureCode = keyof typeof FAILURES

export const isFailureCode = (code: string): code is FailureCode => Object.hasOwn(FAILURES, code)

/** Anything that can be the reason of an end, for messages and rows. */
export const reasonOf = (code: EndCode | FailureCode): { culprit: Culprit; next: string } =>
  isEndCode(code) ? ENDS[code] : FAILURES[code]

import { describe, it } from 'vitest'
import { type Change, changed, MAX_REVISIONS } from '../../../domain/lease/change.ts'
import type { LeaseCommand, LeaseRefusal } from '../../../domain/lease/commands.ts'
import type { LeaseFact } from '../../../domain/lease/facts.ts'
import { lease } from '../../../domain/lease/lease.ts'
import { receiptOf } from '../../../domain/lease/receipt.ts'
import type { Terms } from '../../../domain/terms.ts'
import { USAGE_SLACK_US } from '../../../domain/usage.ts'
import { given } from '../../specification.ts'
import * as sample from './sample.ts'
import { CHEAPER, leaseCommands, leaseFacts, metered, NO, TERMS, upTo, usageAt } from './sample.ts'

type Case = readonly [what: string, history: readonly LeaseFact[], command: LeaseCommand]

const { offer, counter, agree, meter, pay, fund, receipt, seek, challenge } = leaseCommands()
const facts = leaseFacts(0)
const offered = (terms: Partial<Terms>) => ({ ...offer, terms: { ...TERMS, ...terms } })
const finalOffer = [...upTo('challenged'), { ...facts['lease.offered'], final: true }]
const finalCounter = [...upTo('offered'), { ...facts['lease.countered'], final: true }]
const { 'want-top-up': want, 'want-pause': wantPause, 'top-up': topUp } = leaseCommands()
const { 'lease.top-up-wanted': wanted, 'lease.topped-up': toppedUp } = facts
const toppedUpTo = (leg: number) => [
  ...upTo('funded'),
  ...Array.from({ length: leg }, (_, i) => ({ ...toppedUp, leg: i + 1 })),
]
const capacitySats = TERMS.channel.capacitySats
const ended = [...metered(2, 2_000n), { ...facts['lease.ended'], at: sample.AT + 2 }]

/** The newest tick has no voucher yet. */
const unpaid = (tick: number, paidSats: bigint): LeaseFact[] => [
  ...metered(tick - 1, paidSats),
  leaseFacts(tick)['lease.metered'],
]
const starved = [...unpaid(4, 2_000n), leaseFacts(4)['lease.starved']]

const { maxPauseMs: _, ...NO_PAUSE } = TERMS
const withoutPause = upTo('funded').map((fact) => (fact.type === 'lease.agreed' ? { ...fact, terms: NO_PAUSE } : fact))
const pausedFor = (wallUs: bigint): LeaseCommand => ({
  ...meter,
  usage: { ...usageAt(1), paused: { wallUs, diskByteSeconds: 0n } },
})

const signedFor = (change: Partial<Parameters<typeof receiptOf>[1]>): LeaseCommand => ({
  ...receipt,
  signed: {
    receipt: receiptOf(TERMS, {
      funding: `${sample.FUNDING.txid}:0`,
      ticks: 2,
      usage: usageAt(2),
      paidSats: 2_000n,
      code: 'stopped-by-publisher',
      culprit: 'publisher',
      ...change,
    }),
  },
})

const wants = (change: Change): LeaseCommand => ({ kind: 'want-change', at: 1, by: 'publisher', change })
const manyTimes = { ...sample.LONGER, revision: { ...sample.LONGER.revision!, number: MAX_REVISIONS } }

/** A case at least for every code: the type sees to it that none is left out. */
const REFUSALS: { readonly [Code in LeaseRefusal]: readonly [Case, ...Case[]] } = {
  'already-begun': [
    ['a lease sought twice', upTo('sought'), seek],
    ['a lease sought while it runs', upTo('funded'), seek],
  ],
  'policy-says-no': [['a verdict that says no', upTo('sought'), { kind: 'match', at: 1, verdict: NO }]],
  'wrong-key': [
    ['another key than the announcement’s', upTo('connected', 'provider'), { ...challenge, peerKey: sample.PROVIDER }],
  ],
  'notice-given': [
    [
      'an end that was announced is put off',
      [...metered(1, 2_000n), { ...facts['lease.noticed'], endsAt: sample.AT + 1_000 }],
      { kind: 'notice', at: sample.AT, by: 'publisher', code: 'stopped-by-publisher', endsAt: sample.AT + 2_000 },
    ],
  ],
  'bad-notice': [
    [
      'an end in the past',
      metered(1, 2_000n),
      { kind: 'notice', at: 2, by: 'publisher', code: 'stopped-by-publisher', endsAt: 1 },
    ],
  ],
  'bad-change': [
    ['a change that changes nothing', metered(1, 2_000n), wants({ maxDurationMs: TERMS.maxDurationMs })],
    ['another start price', metered(1, 2_000n), wants({ price: { ...TERMS.price, startMsat: 1n } })],
    ['a duration that is over', metered(9, 2_000n), wants({ maxDurationMs: 9_000 })],
  ],
  'change-pending': [
    [
      'a change while another one is not answered',
      [...metered(1, 2_000n), facts['lease.change-wanted']],
      wants({ noticeMs: 1 }),
    ],
    [
      'an offer while another one is not answered',
      [...metered(1, 2_000n, 'provider'), facts['lease.change-offered']],
      { kind: 'offer-change', at: 1, terms: { ...sample.LONGER, maxDurationMs: 9_000_000 }, signature: '' },
    ],
  ],
  'too-many-changes': [
    [
      'one more than there may be',
      [...metered(1, 2_000n), { ...facts['lease.changed'], terms: manyTimes }],
      wants({ maxDurationMs: 9_000_000 }),
    ],
  ],
  'terms-differ': [
    [
      'changed terms that do not follow',
      metered(1, 2_000n),
      { ...sample.leaseCommands()['agree-change'], terms: { ...sample.LONGER, image: 'other:1' } },
    ],
    [
      'a change at another tick than this side knows',
      metered(2, 2_000n),
      {
        ...sample.leaseCommands()['agree-change'],
        terms: changed(TERMS, { price: CHEAPER.price }, { tick: 1, usage: usageAt(1) }),
      },
    ],
    ['changed terms that were not offered', metered(1, 2_000n, 'provider'), sample.leaseCommands()['agree-change']],
    ['an offer for another lease', upTo('challenged'), offered({ leaseId: 'ff'.repeat(16) })],
    ['an offer for another announcement', upTo('challenged'), offered({ announcement: `${'ab'.repeat(32)}:1` })],
    ['an offer to another publisher', upTo('challenged'), offered({ publisherKey: sample.PROVIDER })],
    ['an offer by another than who was challenged', upTo('challenged'), offered({ providerKey: sample.PUBLISHER })],
    ['a new offer of another machine', upTo('offered'), offered({ image: 'other:1' })],
    ['a counter-offer for another machine', upTo('offered'), { ...counter, terms: { ...TERMS, image: 'other:1' } }],
    ['agreement to other terms than the last offer', upTo('offered'), { ...agree, terms: CHEAPER }],
    ['agreement to terms that were countered', [...upTo('offered'), facts['lease.countered']], agree],
  ],
  'final-offer': [
    ['an offer after a final offer', finalOffer, { ...offer, terms: CHEAPER }],
    ['a counter-offer to a final offer', finalOffer, counter],
    ['a counter-offer after a final counter-offer', finalCounter, { ...counter, terms: TERMS }],
  ],
  'nothing-offered': [
    ['a counter-offer to nothing', upTo('challenged'), counter],
    ['agreement to nothing', upTo('challenged'), agree],
    ['a tick without terms', upTo('offered'), meter],
    ['a voucher without terms', upTo('offered'), pay],
  ],
  'wrong-capacity': [
    ['a sat too few', upTo('provisioned'), { ...fund, capacitySats: capacitySats - 1n }],
    ['a sat too many', upTo('provisioned'), { ...fund, capacitySats: capacitySats + 1n }],
    ['a funding without terms', upTo('offered'), fund],
  ],
  'tick-out-of-order': [
    ['an older tick', metered(3, 2_000n), { ...meter, tick: 2, usage: usageAt(2), elapsedUs: 9_000_000n }],
    ['the same tick, other usage', metered(2, 2_000n), { ...meter, tick: 2, usage: usageAt(3), elapsedUs: 9_000_000n }],
    ['tick 0 with usage', upTo('funded'), { ...meter, tick: 0, usage: usageAt(1), elapsedUs: 9_000_000n }],
    ['a voucher for an older tick', metered(3, 2_000n), { ...pay, tick: 2, paidSats: 3_000n }],
    ['a voucher for a tick to come', metered(3, 2_000n), { ...pay, tick: 4, paidSats: 3_000n }],
    ['a voucher for a tick that never comes', ended, { ...pay, tick: Number.MAX_SAFE_INTEGER, paidSats: 3_000n }],
    ['the voucher before, while a tick is unpaid', unpaid(4, 2_000n), { ...pay, tick: 3, paidSats: 2_001n }],
    ['the voucher before, to a lease that stands still', starved, { ...pay, tick: 3, paidSats: 2_000n }],
    ['a sat more for the same tick', metered(3, 2_000n), { ...pay, tick: 3, paidSats: 2_001n }],
  ],
  'usage-impossible': [
    ['usage that falls', metered(2, 2_000n), { ...meter, tick: 3, usage: usageAt(1), elapsedUs: 9_000_000n }],
    [
      'more wall time than went by',
      upTo('funded'),
      { ...meter, usage: { ...usageAt(1), wallUs: 1_000_000n + USAGE_SLACK_US + 1n } },
    ],
    ['more CPU than there are cores', upTo('funded'), { ...meter, usage: { ...usageAt(1), cpuUs: 60_000_000n } }],
    [
      'use of a machine that is paused',
      [...metered(2, 2_000n), facts['lease.paused']],
      { ...meter, tick: 3, usage: usageAt(3), elapsedUs: 9_000_000n },
    ],
    ['use of a pause that is longer than what went by', upTo('funded'), pausedFor(4_000_000n)],
    ['use of a pause where none is agreed', withoutPause, pausedFor(1n)],
    ['more traffic than agreed', upTo('funded'), { ...meter, usage: { ...usageAt(1), netRxBytes: 2_000_000n } }],
  ],
  'voucher-goes-back': [['less than the newest voucher', metered(2, 2_000n), { ...pay, tick: 3, paidSats: 1_999n }]],
  'over-capacity': [
    ['more than the channel holds', upTo('funded'), { ...pay, tick: 0, paidSats: capacitySats + 1n }],
    ['more than both channels hold', toppedUpTo(1), { ...pay, tick: 0, paidSats: capacitySats + 20_001n }],
    ['more coins than there are', upTo('funded'), { ...want, sats: 2_100_000_000_000_000n }],
    ['more than the channel holds, at the end', ended, { ...pay, tick: 3, paidSats: capacitySats + 1n }],
  ],
  underpaid: [
    ['nothing for the first tick', upTo('funded'), { ...pay, tick: 0, paidSats: 0n }],
    ['a sat less than opens a lease', upTo('funded'), { ...pay, tick: 0, paidSats: 999n }],
    [
      'a sum that leaves a further channel too little',
      toppedUpTo(1),
      { ...pay, tick: 0, paidSats: capacitySats + 999n },
    ],
    ['the old sum for a tick that costs more', unpaid(901, 2_000n), { ...pay, tick: 901, paidSats: 2_000n }],
  ],
  'top-up-pending': [
    ['a top-up while another is on its way', [...upTo('funded'), wanted], { ...want, reference: 'x' }],
  ],
  'too-many-top-ups': [['the sixteenth top-up', toppedUpTo(15), want]],
  'top-up-too-small': [['a top-up that is not worth its fees', upTo('funded'), { ...want, sats: 1_999n }]],
  'top-up-out-of-order': [
    ['a channel that is funded already, by another transaction', toppedUpTo(1), { ...topUp, txid: sample.SPEND }],
    ['a channel before the last one', toppedUpTo(2), { ...topUp, txid: sample.SPEND }],
    ['more channels than there may be', upTo('funded', 'provider'), { ...topUp, leg: 16 }],
  ],
  ending: [
    ['a top-up of a lease whose end was asked for', [...upTo('funded'), facts['lease.noticed']], want],
    ['a pause of a lease whose end was asked for', [...upTo('funded'), facts['lease.noticed']], wantPause],
  ],
  'pause-not-agreed': [
    ['a wish for a pause that the terms do not have', withoutPause, wantPause],
    ['a pause that the terms do not have', withoutPause, { kind: 'pause', at: 1, code: 'owner-busy' }],
  ],
  'wrong-receipt': [
    ['a receipt before the end', upTo('funded'), receipt],
    ['a receipt before there are terms', upTo('sought'), receipt],
    ['a receipt of fewer ticks', ended, signedFor({ ticks: 1 })],
    ['a receipt of more usage', ended, signedFor({ usage: usageAt(3) })],
    ['a receipt of more money', ended, signedFor({ paidSats: 2_001n })],
    ['a receipt of another funding', ended, signedFor({ funding: `${sample.FUNDING.txid}:1` })],
    ['a receipt of a top-up that was not', ended, signedFor({ topUps: [`${sample.TOP_UP}:1`] })],
    ['a receipt of another end', ended, signedFor({ code: 'unpaid' })],
    ['a receipt that blames another', ended, signedFor({ culprit: 'provider' })],
    ['a receipt of other terms', ended, { ...receipt, signed: { receipt: otherTerms() } }],
  ],
}

function otherTerms() {
  return receiptOf(CHEAPER, {
    funding: `${sample.FUNDING.txid}:0`,
    ticks: 2,
    usage: usageAt(2),
    paidSats: 2_000n,
    code: 'stopped-by-publisher',
    culprit: 'publisher',
  })
}

describe.each(Object.entries(REFUSALS))('a lease refuses with %s', (code, cases) => {
  it.each(cases)('%s', (_what, history, command) => {
    given(lease, ...history)
      .when(command)
      .refuses(code as LeaseRefusal)
  })
})

describe('a lease refuses as illegal what comes at a wrong time', () => {
  const illegal: readonly Case[] = [
    ['a machine before there are terms', upTo('offered'), leaseCommands().provision],
    ['an offer after the terms are agreed', upTo('agreed'), offer],
    ['a tick before the channel is funded', upTo('provisioned'), meter],
    ['a voucher before the machine is there', [...upTo('agreed'), facts['lease.funded']], pay],
    ['an end before any money is locked', upTo('provisioned'), leaseCommands().end],
    ['a lapse after money is locked', upTo('funded'), leaseCommands().lapse],
    ['a failure after money is locked', upTo('funded'), leaseCommands().fail],
    ['a refusal after money is locked', [...upTo('agreed'), facts['lease.funded']], leaseCommands().refuse],
    ['a settlement without funding', upTo('provisioned'), leaseCommands().settle],
    ['a refund without funding', upTo('provisioned'), leaseCommands().refund],
    ['removal of the machine while it runs', upTo('funded'), leaseCommands().release],
    ['a top-up before there is money', upTo('provisioned'), want],
    ['hunger before there is a machine', upTo('agreed'), leaseCommands().starve],
  ]
  it.each(illegal)('%s', (_what, history, command) => {
    given(lease, ...history)
      .when(command)
      .refuses('illegal')
  })
})

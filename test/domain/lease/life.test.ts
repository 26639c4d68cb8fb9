import { describe, expect, it } from 'vitest'
import type { LeaseCommand } from '../../../domain/lease/commands.ts'
import type { LeaseFact, Side } from '../../../domain/lease/facts.ts'
import { lease, stageOf } from '../../../domain/lease/lease.ts'
import { fold, given } from '../../specification.ts'
import { CHANNEL } from '../channel/sample.ts'
import {
  ANNOUNCEMENT,
  CHEAPER,
  FUNDING,
  LEASE_ID,
  leaseCommands,
  leaseFacts,
  metered,
  owedAt,
  SHELL,
  SPEND,
  signedReceipt,
  TERMS,
  upTo,
  usageAt,
} from './sample.ts'

const SIDES: readonly Side[] = ['publisher', 'provider']
const facts = leaseFacts(0)
const capacity = CHANNEL.capacitySats
const back = (sats: bigint, script = CHANNEL.publisherScript) => ({ sats, script })

/** What all the commands make, one after the other; none may be refused. */
const live = (commands: readonly LeaseCommand[], history: readonly LeaseFact[] = []): readonly LeaseFact[] => {
  const made = [...history]
  for (const command of commands) {
    const decided = lease.decide(command, fold(lease, made))
    if ('refused' in decided) throw new Error(`${command.kind}: ${decided.refused}`)
    made.push(...decided)
  }
  return made
}

const types = (made: readonly LeaseFact[]): string => made.map((fact) => fact.type.slice('lease.'.length)).join(' ')

describe.each(SIDES)('a lease that goes well, in the %s’s log', (side) => {
  const c = leaseCommands(side)
  const tick = (n: number): LeaseCommand[] => [
    { ...c.meter, tick: n, usage: usageAt(n), elapsedUs: BigInt(n) * 1_000_000n },
    { ...c.pay, tick: n, paidSats: 1_000n + BigInt(n) },
  ]
  const begin = [c.seek, c.match, c.connect, c.challenge, c.offer]
  const first: LeaseCommand = { ...c.pay, tick: 0, paidSats: 1_000n }
  const end = [c.notice, c.end, c.release, { ...c.receipt, signed: signedReceipt(2, 1_002n) }] as const
  const settle: LeaseCommand = { ...c.settle, returned: [back(capacity - 1_002n)] }

  it('goes through all of its stages', () => {
    const made = live([...begin, c.agree, c.provision, c.fund, first, ...tick(1), ...tick(2), ...end, settle])
    expect(types(made)).toBe(
      'sought matched connected challenged offered agreed provisioned funded paid metered paid metered paid noticed ended released receipted settled',
    )
    const { value, context } = fold(lease, made)
    expect(value).toBe('settled')
    expect(context).toMatchObject({
      leaseId: LEASE_ID,
      side,
      announcement: ANNOUNCEMENT,
      terms: TERMS,
      shell: SHELL,
      funding: FUNDING,
      tick: 2,
      usage: usageAt(2),
      owedMsat: owedAt(2),
      paidTick: 2,
      paidSats: 1_002n,
      notice: { by: 'publisher', code: 'stopped-by-publisher' },
      end: { code: 'stopped-by-publisher', culprit: 'publisher' },
      released: true,
      receipt: signedReceipt(2, 1_002n),
      failure: undefined,
    })
    expect(made.at(-1)).toMatchObject({ type: 'lease.settled', paidSats: 1_002n })
  })

  it('may be funded before the machine is there, and serves from when both are', () => {
    const made = live([...begin, c.agree, { ...c.fund, at: 10 }, { ...c.provision, at: 20 }])
    expect(fold(lease, made).value).toEqual({ meter: 'flowing' })
    expect(fold(lease, made).context.servingSince).toBe(20)
    const other = live([...begin, c.agree, { ...c.provision, at: 10 }, { ...c.fund, at: 20 }])
    expect(fold(lease, other).context).toMatchObject({ servingSince: 20, shell: SHELL, funding: FUNDING })
  })

  it('agrees to what was countered', () => {
    const made = live([...begin, c.counter, { ...c.agree, terms: CHEAPER }])
    expect(fold(lease, made).context).toMatchObject({ terms: CHEAPER, proposal: undefined })
  })

  it('haggles to and fro', () => {
    const made = live([...begin, c.counter, { ...c.offer, final: true }, c.agree])
    expect(types(made)).toBe('sought matched connected challenged offered countered offered agreed')
  })

  it('settles before machine and paper are done, and takes them afterwards', () => {
    const made = live([
      ...begin,
      c.agree,
      c.provision,
      c.fund,
      first,
      ...tick(1),
      ...tick(2),
      c.end,
      settle,
      end[2],
      end[3],
    ])
    expect(fold(lease, made).value).toBe('settled')
    expect(fold(lease, made).context).toMatchObject({ released: true, receipt: signedReceipt(2, 1_002n) })
  })

  it('that says who it speaks with, keeps that', () => {
    const made = live(begin)
    expect(fold(lease, made).context.peerKey).toBe(c.challenge.peerKey)
    expect(fold(lease, made).context.remote).toBe(c.connect.remote)
  })
})

describe('hunger', () => {
  const starved = [...metered(1, 2_000n), { ...facts['lease.starved'], tick: 2 }]

  it('ends with the next voucher', () => {
    const command: LeaseCommand = { kind: 'pay', at: 1, tick: 2, paidSats: 2_001n }
    const state = given(lease, ...metered(1, 2_000n), leaseFacts(2)['lease.metered'], leaseFacts(2)['lease.starved'])
      .when(command)
      .yields({ type: 'lease.paid', at: 1, tick: 2, paidSats: 2_001n })
    expect(state.value).toEqual({ meter: 'flowing' })
  })

  it('ends with the old voucher again, when that is enough', () => {
    const command: LeaseCommand = { kind: 'pay', at: 1, tick: 1, paidSats: 2_000n }
    given(lease, ...metered(1, 2_000n))
      .when(command)
      .changesNothing()
    const state = given(lease, ...starved)
      .when(command)
      .yields({ type: 'lease.paid', at: 1, tick: 1, paidSats: 2_000n })
    expect(state.value).toEqual({ meter: 'flowing' })
  })

  it('does not end with an old voucher that is too little', () => {
    const usage = usageAt(1_000)
    const hungry: LeaseFact[] = [
      ...metered(1, 2_000n),
      { type: 'lease.metered', at: 1, tick: 1_000, usage, owedMsat: owedAt(1_000) },
      { ...facts['lease.starved'], tick: 1_000 },
    ]
    given(lease, ...hungry)
      .when({ kind: 'pay', at: 1, tick: 1, paidSats: 2_000n })
      .refuses('underpaid')
  })

  it('is told once', () => {
    given(lease, ...starved)
      .when({ kind: 'starve', at: 1, tick: 3, why: 'peer-unreachable' })
      .changesNothing()
  })

  it.each(['unpaid', 'peer-unreachable', 'unconfirmed'] as const)(
    'may come of %s, and again after a voucher',
    (why) => {
      const fed: LeaseFact[] = [...starved, { ...facts['lease.paid'], tick: 2, paidSats: 2_001n }]
      given(lease, ...fed)
        .when({ kind: 'starve', at: 1, tick: 3, why })
        .yields({ type: 'lease.starved', at: 1, tick: 3, why })
    },
  )

  it('does not forbid the tick that it came in, nor the end', () => {
    expect(stageOf(fold(lease, [...starved, { ...leaseFacts(2)['lease.metered'] }]))).toBe('meter')
    expect(stageOf(fold(lease, [...starved, facts['lease.ended']]))).toBe('settle')
  })
})

describe('after the end', () => {
  const ended = [...metered(2, 2_000n), facts['lease.ended']]

  it('the last tick and its voucher still count', () => {
    const made = live(
      [
        { kind: 'meter', at: 1, tick: 3, usage: usageAt(3), elapsedUs: 3_000_000n },
        { kind: 'pay', at: 1, tick: 3, paidSats: 2_001n },
      ],
      ended,
    )
    expect(fold(lease, made).context).toMatchObject({ tick: 3, owedMsat: owedAt(3), paidTick: 3, paidSats: 2_001n })
  })

  it('a voucher needs no tick ahead', () => {
    // 1000 ticks owe 5 000 sats and some: ahead of the end one tick more is due.
    const usage = usageAt(1_000)
    const owedSats = (owedAt(1_000) + 999n) / 1_000n
    const tick: LeaseFact = { type: 'lease.metered', at: 1, tick: 1_000, usage, owedMsat: owedAt(1_000) }
    const pay: LeaseCommand = { kind: 'pay', at: 1, tick: 1_000, paidSats: owedSats }
    given(lease, ...metered(1, 2_000n), tick)
      .when(pay)
      .refuses('underpaid')
    const voucher: LeaseFact = { type: 'lease.paid', at: 1, tick: 1_000, paidSats: owedSats }
    given(lease, ...metered(1, 2_000n), tick, facts['lease.ended'])
      .when(pay)
      .yields(voucher)
    given(lease, ...metered(1, 2_000n), tick, facts['lease.ended'])
      .when({ ...pay, paidSats: owedSats - 1n })
      .refuses('underpaid')
  })

  it('the first reason stays', () => {
    given(lease, ...ended)
      .when({ kind: 'end', at: 1, code: 'unpaid', why: 'late' })
      .changesNothing()
    given(lease, ...ended)
      .when({ kind: 'notice', at: 1, by: 'provider', code: 'stopped-by-provider' })
      .changesNothing()
  })

  it('a receipt is kept with one signature, and then with both', () => {
    const { publisherSignature: _, ...half } = signedReceipt(2, 2_000n)
    const first: LeaseFact = { type: 'lease.receipted', at: 1, signed: half }
    const whole: LeaseFact = { type: 'lease.receipted', at: 1, signed: signedReceipt(2, 2_000n) }
    given(lease, ...ended)
      .when({ kind: 'receipt', at: 1, signed: half })
      .yields(first)
    given(lease, ...ended, first)
      .when({ kind: 'receipt', at: 1, signed: half })
      .changesNothing()
    given(lease, ...ended, first)
      .when({ kind: 'receipt', at: 1, signed: signedReceipt(2, 2_000n) })
      .yields(whole)
    given(lease, ...ended, whole)
      .when({ kind: 'receipt', at: 1, signed: half })
      .changesNothing()
  })
})

describe('the chain judges what was paid', () => {
  const ended = [...metered(2, 2_000n), facts['lease.ended']]
  const settle = (returned: { sats: bigint; script: string } | undefined): LeaseCommand => ({
    kind: 'settle',
    at: 9,
    txid: SPEND,
    height: 120,
    returned: returned ? [returned] : [],
  })
  const settled = (paidSats: bigint): LeaseFact => ({
    type: 'lease.settled',
    at: 9,
    txid: SPEND,
    height: 120,
    paidSats,
  })

  it('as the capacity less what came back', () => {
    given(lease, ...ended)
      .when(settle(back(48_000n)))
      .yields(settled(2_000n))
  })

  it('as more than the newest voucher that this side knows, when the chain says so', () => {
    given(lease, ...ended)
      .when(settle(back(47_000n)))
      .yields(settled(3_000n))
  })

  it('as all of it, when nothing came back', () => {
    given(lease, ...ended)
      .when(settle(undefined))
      .yields(settled(capacity))
  })

  it('as all of it, when what came back is not the publisher’s', () => {
    given(lease, ...ended)
      .when(settle(back(48_000n, CHANNEL.providerScript)))
      .yields(settled(capacity))
  })

  it.each([
    ['publisher', 'provider-silent'],
    ['provider', 'publisher-silent'],
  ] as const)('and ends a lease that the %s still thought to run', (side, code) => {
    const running = metered(2, 2_000n, side)
    const why = 'the channel was spent on the chain'
    const ended: LeaseFact = { type: 'lease.ended', at: 9, code, culprit: 'peer-unreachable', why }
    given(lease, ...running)
      .when(settle(back(48_000n)))
      .yields(ended, settled(2_000n))
    const refunded: LeaseFact = { type: 'lease.refunded', at: 9, txid: SPEND, height: 501 }
    const refund: LeaseCommand = { kind: 'refund', at: 9, txid: SPEND, height: 501 }
    given(lease, ...running)
      .when(refund)
      .yields(ended, refunded)
  })

  it('once only', () => {
    given(lease, ...ended, settled(2_000n))
      .when(settle(undefined))
      .changesNothing()
    given(lease, ...ended, settled(2_000n))
      .when({ kind: 'refund', at: 9, txid: SPEND, height: 501 })
      .changesNothing()
  })
})

describe('the key that answers', () => {
  it('must be the author’s, for the provider that called', () => {
    given(lease, ...upTo('connected', 'provider'))
      .when(leaseCommands('provider').challenge)
      .yields({
        ...leaseFacts(0, 'provider')['lease.challenged'],
      })
  })

  it('can be anybody’s for the publisher that was called, who offers under it', () => {
    const stranger = `02${'99'.repeat(32)}`
    const met = [...upTo('connected'), { ...facts['lease.challenged'], peerKey: stranger }]
    given(lease, ...met)
      .when(leaseCommands().offer)
      .refuses('terms-differ')
    const terms = { ...TERMS, providerKey: stranger }
    given(lease, ...met)
      .when({ ...leaseCommands().offer, terms })
      .yields({ ...facts['lease.offered'], terms })
  })
})

describe('the end of what never began', () => {
  const stages = ['sought', 'matched', 'connected', 'challenged', 'offered', 'agreed', 'provisioned'] as const

  it.each(stages)('may come after lease.%s, by the clock, a rule or a fault', (last) => {
    const { lapse, refuse, fail } = leaseCommands()
    for (const [command, value, code] of [
      [lapse, 'lapsed', 'stage-timeout'],
      [refuse, 'refused', 'too-expensive'],
      [fail, 'failed', 'machine-failed'],
    ] as const) {
      const made = live([command], upTo(last))
      expect(fold(lease, made).value).toBe(value)
      expect(fold(lease, made).context.failure).toBe(code)
    }
  })
})

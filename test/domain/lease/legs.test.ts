import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OPENING_SATS, payable, spread, sumOf } from '../../../domain/channel/legs.ts'
import type { LeaseCommand } from '../../../domain/lease/commands.ts'
import type { LeaseFact } from '../../../domain/lease/facts.ts'
import { lease } from '../../../domain/lease/lease.ts'
import { automaticTopUp, capacityOf, isLow } from '../../../domain/lease/legs.ts'
import { fold, given } from '../../specification.ts'
import { leaseCommands, leaseFacts, metered, SPEND, TERMS, TOP_UP, upTo } from './sample.ts'

const CAPACITIES = fc.array(fc.bigInt({ min: 2_000n, max: 100_000n }), { minLength: 1, maxLength: 16 })
const facts = leaseFacts(0)
const commands = leaseCommands()
const { capacitySats } = TERMS.channel
const back = (sats: bigint) => ({ sats, script: TERMS.channel.publisherScript })
const OTHER = 'c2'.repeat(32)

describe('what is paid over the channels of a lease', () => {
  it('is all of it, in order, and leaves no channel that is begun with too little', () => {
    fc.assert(
      fc.property(CAPACITIES, fc.bigInt({ min: 1n, max: 2_000_000n }), (capacities, due) => {
        const paid = payable(due, capacities)
        const shares = spread(paid, capacities)
        expect(sumOf(shares)).toBe(paid)
        expect(paid >= due || paid === sumOf(capacities)).toBe(true)
        expect(paid < due + OPENING_SATS).toBe(true)
        expect(payable(paid, capacities)).toBe(paid)
        const begun = shares.filter((share) => share > 0n)
        expect(begun.every((share) => share >= OPENING_SATS)).toBe(true)
        expect(shares.slice(0, begun.length - 1)).toEqual(capacities.slice(0, begun.length - 1))
      }),
    )
  })

  it('never falls as more is due', () => {
    fc.assert(
      fc.property(
        CAPACITIES,
        fc.bigInt({ min: 1n, max: 900_000n }),
        fc.bigInt({ min: 0n, max: 3_000n }),
        (all, due, more) => {
          expect(payable(due + more, all) >= payable(due, all)).toBe(true)
        },
      ),
    )
  })
})

describe('a top-up', () => {
  const running = metered(2, 2_000n)
  const wanted = facts['lease.top-up-wanted']
  const toppedUp = facts['lease.topped-up']

  it('is wanted, funded, and adds to what can be paid', () => {
    given(lease, ...running)
      .when(commands['want-top-up'])
      .yields(wanted)
    given(lease, ...running, wanted)
      .when(commands['top-up'])
      .yields(toppedUp)
    given(lease, ...running, wanted, toppedUp)
      .when(commands['top-up'])
      .changesNothing()
    const { context } = fold(lease, [...running, wanted, toppedUp])
    expect([capacityOf(context), context.wanted]).toEqual([capacitySats + 20_000n, undefined])
    given(lease, ...running, wanted, toppedUp)
      .when({ ...commands.pay, tick: 2, paidSats: capacitySats + 1_000n })
      .refuses('tick-out-of-order')
  })

  it('that the provider refuses is over, and its number is not used again', () => {
    const refused = facts['lease.top-up-refused']
    given(lease, ...running, wanted)
      .when(commands['give-up-top-up'])
      .yields(refused)
    given(lease, ...running)
      .when(commands['give-up-top-up'])
      .changesNothing()
    given(lease, ...running, wanted, refused)
      .when(commands['want-top-up'])
      .changesNothing()
    given(lease, ...running, wanted, refused)
      .when({ ...commands['want-top-up'], reference: 'another' })
      .yields({ ...wanted, leg: 2, reference: 'another' })
  })

  it('is made by itself when little is left, never above the hard budget', () => {
    const { context } = fold(lease, running)
    expect(isLow(context, 15)).toBe(false)
    const low = { ...context, owedMsat: 45_000_000n, usage: { ...context.usage, wallUs: 42_000_000_000n } }
    expect(isLow(low, 15)).toBe(true)
    expect(isLow({ ...low, wanted: { leg: 1, sats: 1n } }, 15)).toBe(false)
    expect(isLow({ ...low, notice: { by: 'publisher', code: 'stopped-by-publisher', at: 1 } }, 15)).toBe(false)
    expect(automaticTopUp(low, 1_000_000n)).toBe(capacitySats)
    expect(automaticTopUp(low, capacitySats + 20_000n)).toBe(20_000n)
    expect(automaticTopUp(low, capacitySats + 1_999n)).toBe(0n)
    expect(automaticTopUp(low, 1n)).toBe(0n)
  })
})

describe('a lease with two channels', () => {
  const began = (paidSats: bigint, side: 'publisher' | 'provider' = 'publisher'): LeaseFact[] => [
    ...upTo('funded', side),
    facts['lease.topped-up'],
    { ...facts['lease.paid'], tick: 0, paidSats },
    facts['lease.ended'],
  ]
  const settle = (legs: readonly number[], ...sats: bigint[]): LeaseCommand => ({
    ...commands.settle,
    at: 9,
    legs,
    returned: sats.map(back),
  })
  const part = (legs: readonly number[], paidSats: bigint, txid = SPEND): LeaseFact => ({
    type: 'lease.settled-in-part',
    at: 9,
    legs,
    txid,
    height: 120,
    paidSats,
  })
  const settled = (paidSats: bigint, height = 120): LeaseFact => ({
    type: 'lease.settled',
    at: 9,
    txid: SPEND,
    height,
    paidSats,
  })

  it('is settled by one close of both: what did not come back was paid', () => {
    given(lease, ...began(53_000n))
      .when(settle([0, 1], 17_000n))
      .yields(settled(53_000n))
  })

  it('is settled in part by the close of one', () => {
    given(lease, ...began(53_000n))
      .when(settle([0]))
      .yields(part([0], capacitySats))
    given(lease, ...began(53_000n), part([0], capacitySats, OTHER))
      .when(settle([1], 17_000n))
      .yields(settled(53_000n))
    // The same news again, as after a reorganisation.
    given(lease, ...began(53_000n), part([0], capacitySats, OTHER))
      .when(settle([0], 1_000n))
      .yields(part([0], capacitySats - 1_000n))
  })

  it('waits in the provider’s log only for what was paid over', () => {
    given(lease, ...began(30_000n, 'provider'))
      .when(settle([0], 20_000n))
      .yields(settled(30_000n))
    given(lease, ...began(30_000n, 'publisher'))
      .when(settle([0], 20_000n))
      .yields(part([0], 30_000n))
    given(lease, ...began(30_000n, 'publisher'), part([0], 30_000n))
      .when({ ...commands.refund, at: 9, legs: [1] })
      .yields(settled(30_000n, 501))
  })

  it('is refunded when everything came back', () => {
    const first = part([0], 0n)
    given(lease, ...began(30_000n))
      .when({ ...commands.refund, at: 9, height: 120, legs: [0] })
      .yields(first)
    given(lease, ...began(30_000n), first)
      .when({ ...commands.refund, at: 9, legs: [1] })
      .yields({ type: 'lease.refunded', at: 9, txid: SPEND, height: 501 })
  })

  it('waits for a top-up that may have been paid', () => {
    const pending = [...metered(2, 2_000n), facts['lease.top-up-wanted'], facts['lease.ended']]
    const first = part([0], 2_000n)
    given(lease, ...pending)
      .when(settle([0], 48_000n))
      .yields(first)
    given(lease, ...pending, first)
      .when({ ...commands['give-up-top-up'], at: 9, code: 'lease-ended' })
      .yields({ ...facts['lease.top-up-refused'], at: 9, code: 'lease-ended' }, settled(2_000n))
    given(lease, ...pending, first, facts['lease.topped-up'])
      .when(settle([1], 20_000n))
      .yields(settled(2_000n))
    expect(fold(lease, [...pending, first, facts['lease.topped-up']]).context.topUps[0]?.txid).toBe(TOP_UP)
  })
})

import { describe, expect, it } from 'vitest'
import type { LeaseFact } from '../../../domain/lease/facts.ts'
import { tickAheadMsat } from '../../../domain/terms.ts'
import { nobleCurve } from '../../../src/curve/noble.ts'
import { openReplay } from '../../../src/dashboard/lease/log/replay.ts'
import { countedAt, countingOf } from '../../../src/dashboard/lease/money/counting.ts'
import { ticksOf } from '../../../src/dashboard/lease/money/ticks.ts'
import { type ToldVoucher, voucherChecks } from '../../../src/dashboard/lease/money/voucher-checks.ts'
import { readingsOf } from '../../../src/dashboard/lease/use/series.ts'
import { BEGUN, CHANNEL, entriesOf, LIVED, metered, PAID_SATS } from './story.ts'

const entries = entriesOf(LIVED)
const stateOf = (facts: readonly LeaseFact[]) => openReplay().statesOf(entriesOf(facts)).at(-1)!
const state = stateOf(LIVED)
const counting = countingOf(entries, state, entries.length)!

describe('the counter', () => {
  it('says at a tick what the tick said, and goes on at its pace', () => {
    expect(countedAt(counting, counting.at)).toBe(state.context.owedMsat)
    const [third, second] = [metered(3), metered(2)] as Extract<LeaseFact, { type: 'lease.metered' }>[]
    expect(counting.msatPerS).toBe(third!.owedMsat - second!.owedMsat)
    expect(countedAt(counting, counting.at + 500)).toBe(state.context.owedMsat + counting.msatPerS / 2n)
  })

  it('is never more than a tick of full use ahead, and never behind', () => {
    const most = state.context.owedMsat + tickAheadMsat(state.context.terms!)
    expect(countedAt(counting, counting.at + 86_400_000)).toBe(most)
    expect(countedAt(counting, counting.at - 5_000)).toBe(state.context.owedMsat)
  })

  it('stands still while the machine does', () => {
    const starved = [...LIVED, { type: 'lease.starved', at: counting.at + 100, tick: 3, why: 'unpaid' } as const]
    const still = countingOf(entriesOf(starved), stateOf(starved), starved.length)!
    expect(countedAt(still, counting.at + 10_000)).toBe(state.context.owedMsat)
  })

  it('counts nothing before there are terms', () => {
    const early = BEGUN.slice(0, 4)
    expect(countingOf(entriesOf(early), stateOf(early), 4)).toBeUndefined()
  })
})

describe('ticks and readings', () => {
  it('lead from each tick to its payment', () => {
    expect(ticksOf(entries).map(({ tick, paidSats }) => [tick, paidSats])).toEqual([
      [3, PAID_SATS],
      [2, undefined],
      [1, undefined],
      [0, 1_000n],
    ])
    expect(ticksOf(entries)[0]!.moreMsat).toBe(counting.msatPerS)
  })

  it('are thinned out, the newest among them', () => {
    const facts = [...BEGUN, ...Array.from({ length: 5_000 }, (_, i) => metered(i + 1))]
    const readings = readingsOf(entriesOf(facts), facts.length)
    expect(readings.length).toBeLessThanOrEqual(240)
    expect(readings.at(-1)).toMatchObject({ tick: 5_000, cores: 1.5, memoryMiB: 512 })
    expect(readings[0]!.cores).toBeNull()
  })

  it('are those up to a version', () => {
    expect(readingsOf(entries, entries.length - 2).map(({ tick }) => tick)).toEqual([1, 2])
  })
})

describe('a voucher', () => {
  const { terms, funding, voucher } = CHANNEL
  const told: ToldVoucher = {
    leg: 0,
    paidSats: `${PAID_SATS}`,
    signature: voucher!.signature,
    channel: {
      publisherKey: terms.publisherKey,
      providerKey: terms.providerKey,
      capacitySats: `${terms.capacitySats}`,
      expiryHeight: terms.expiryHeight,
      fundingTxid: funding.txid,
      fundingVout: funding.vout,
    },
  }
  const wrong = (given: ToldVoucher, paidSats = PAID_SATS) =>
    voucherChecks(given, state.context, paidSats, nobleCurve)
      .filter(({ answer }) => answer !== 'ok')
      .map(({ check }) => check)

  it('is what the lease’s own facts say that it must be', () => expect(wrong(told)).toEqual([]))

  it('is not believed with another sum, signature, key or funding', () => {
    expect(wrong({ ...told, paidSats: `${PAID_SATS + 1n}` })).toEqual(['sum', 'signature'])
    expect(wrong(told, PAID_SATS + 1n)).toEqual(['sum'])
    expect(wrong({ ...told, signature: `${'0'.repeat(126)}01` })).toEqual(['signature'])
    expect(wrong({ ...told, channel: { ...told.channel!, publisherKey: terms.providerKey } })).toEqual([
      'channel',
      'signature',
    ])
    expect(wrong({ ...told, channel: { ...told.channel!, fundingVout: 1 } })).toEqual(['funding', 'signature'])
    expect(wrong({ ...told, channel: null })).toEqual(['channel'])
  })
})

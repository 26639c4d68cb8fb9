import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OPENING_SATS } from '../../../domain/channel/legs.ts'
import type { LeaseCommand } from '../../../domain/lease/commands.ts'
import { lease } from '../../../domain/lease/lease.ts'
import { capacityUsed, dueSats } from '../../../domain/lease/legs.ts'
import { satsForMsat } from '../../../domain/money.ts'
import { bill, owedMsat, PRICE_KEYS, type PriceVector } from '../../../domain/price.ts'
import { type Terms, tickAheadMsat } from '../../../domain/terms.ts'
import { addUsage, mapUsage, NO_USAGE, USAGE_KEYS } from '../../../domain/usage.ts'
import { fold } from '../../specification.ts'
import { leaseFacts, TERMS, upTo } from './sample.ts'

const amount = fc.bigInt({ min: 0n, max: 10n ** 11n })
const prices = fc
  .array(amount, { minLength: PRICE_KEYS.length, maxLength: PRICE_KEYS.length })
  .map((all) => Object.fromEntries(PRICE_KEYS.map((key, i) => [key, all[i]!])) as PriceVector)
const terms = fc.tuple(prices, fc.bigInt({ min: 2_000n, max: 10n ** 9n }), fc.integer({ min: 100, max: 60_000 })).map(
  ([price, capacitySats, tickMs]): Terms => ({
    ...TERMS,
    price,
    tickMs,
    channel: { ...TERMS.channel, capacitySats },
  }),
)
const usages = fc
  .array(fc.bigInt({ min: 0n, max: 10n ** 14n }), { minLength: 8, maxLength: 8 })
  .map((all) => mapUsage((key) => all[USAGE_KEYS.indexOf(key)]!))

describe('what is due', () => {
  it('never falls as more is used', () => {
    fc.assert(
      fc.property(terms, usages, usages, (agreed, before, more) => {
        expect(dueSats(agreed, addUsage(before, more)) >= dueSats(agreed, before)).toBe(true)
      }),
    )
  })

  it('is never above the capacity, nor below what opens a lease', () => {
    fc.assert(
      fc.property(terms, usages, (agreed, usage) => {
        const due = dueSats(agreed, usage)
        expect(due <= agreed.channel.capacitySats && due >= OPENING_SATS).toBe(true)
      }),
    )
  })

  it('covers what is owed and a tick ahead, until the capacity is used', () => {
    fc.assert(
      fc.property(terms, usages, (agreed, usage) => {
        const wanted = satsForMsat(owedMsat(agreed.price, usage) + tickAheadMsat(agreed))
        expect(capacityUsed(agreed, usage)).toBe(wanted > agreed.channel.capacitySats)
        if (capacityUsed(agreed, usage)) expect(dueSats(agreed, usage)).toBe(agreed.channel.capacitySats)
        else expect(dueSats(agreed, usage) >= wanted).toBe(true)
      }),
    )
  })

  it('once the capacity is used, stays all of it', () => {
    fc.assert(
      fc.property(terms, usages, usages, (agreed, usage, more) => {
        fc.pre(capacityUsed(agreed, usage))
        expect(capacityUsed(agreed, addUsage(usage, more))).toBe(true)
      }),
    )
  })

  it('at the start is what opens a lease, for a cheap machine', () => {
    expect(dueSats(TERMS, NO_USAGE)).toBe(OPENING_SATS)
  })

  it('ahead is one tick of full use', () => {
    // One second of: 1 h wall 3.6 M, 2 cores at 7.2 M, 1 GiB at 3.6 M, 2 GiB disk at 0.36 M msat an hour.
    expect(tickAheadMsat(TERMS)).toBe(1_000n + 4_000n + 1_000n + 200n)
    expect(tickAheadMsat({ ...TERMS, tickMs: 2_000 })).toBe(2n * tickAheadMsat(TERMS))
  })
})

describe('a lease’s money', () => {
  const step = fc.record({
    ms: fc.integer({ min: 0, max: 20_000 }),
    share: fc.bigInt({ min: 0n, max: 1_200n }),
    extra: fc.bigInt({ min: -2_000n, max: 2_000n }),
    tick: fc.integer({ min: -1, max: 2 }),
    end: fc.integer({ min: 0, max: 30 }),
  })

  it('in any order of ticks and vouchers, never falls, is never above the capacity, and covers what is owed', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let state = fold(lease, upTo('funded'))
        let usage = NO_USAGE
        let elapsedUs = 0n
        for (const { ms, share, extra, tick, end } of steps) {
          elapsedUs += BigInt(ms) * 1_000n
          const wallUs = BigInt(ms) * 1_000n
          usage = { ...usage, wallUs: usage.wallUs + wallUs, cpuUs: usage.cpuUs + (wallUs * 2n * share) / 1_000n }
          const at = state.context.tick + tick
          const paidSats = dueSats(TERMS, usage) + extra
          const commands: LeaseCommand[] = [
            { kind: 'meter', at: 1, tick: at, usage, elapsedUs },
            { kind: 'pay', at: 1, tick: at, paidSats },
            ...(end === 0 ? [{ kind: 'end', at: 1, code: 'unpaid', why: '' } as const] : []),
          ]
          for (const command of commands) {
            const before = state.context
            const decided = lease.decide(command, state)
            if ('refused' in decided) continue
            for (const fact of decided) state = lease.evolve(state, fact)
            const { context } = state
            expect(context.paidSats >= before.paidSats).toBe(true)
            expect(context.owedMsat >= before.owedMsat).toBe(true)
            expect(context.tick >= before.tick && context.paidTick >= before.paidTick).toBe(true)
            expect(context.paidSats <= TERMS.channel.capacitySats).toBe(true)
            if (context.tick === 0) continue
            expect(context.owedMsat).toBe(bill(TERMS.price, context.usage).reduce((sum, line) => sum + line.msat, 0n))
            if (command.kind === 'pay' && decided.length > 0)
              expect(
                context.paidSats * 1_000n >= context.owedMsat || context.paidSats === TERMS.channel.capacitySats,
              ).toBe(true)
          }
          usage = state.context.usage
        }
      }),
      { numRuns: 200 },
    )
  })

  it('is whole: what the provider gets and what comes back are the capacity', () => {
    const capacity = TERMS.channel.capacitySats
    const ended = fold(lease, [...upTo('funded'), leaseFacts(1)['lease.ended']])
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: capacity }), (sats) => {
        const returned = [{ sats, script: TERMS.channel.publisherScript }]
        const decided = lease.decide({ kind: 'settle', at: 1, txid: 'ee'.repeat(32), height: 9, returned }, ended)
        expect(decided).toMatchObject([{ paidSats: capacity - sats }])
      }),
    )
  })
})

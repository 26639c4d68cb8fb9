import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ChannelCommand,
  type ChannelRefusal,
  channel,
  MIN_CAPACITY_SATS,
} from '../../../domain/channel/channel.ts'
import type { ChannelFact } from '../../../domain/channel/facts.ts'
import { isRefusal } from '../../../domain/fact.ts'
import { DUST_SATS, larger } from '../../../domain/money.ts'
import { fold, given } from '../../specification.ts'
import { AT, CHANNEL, CLOSING_TXID, channelFacts, FUNDING_TXID, REFUND_TXID } from './sample.ts'

const at = AT
const f = channelFacts()
const proposed = f['channel.proposed']
const funded = f['channel.funded']
const opened = f['channel.opened']
const unopened = f['channel.unopened']
const closing = f['channel.closing']
const closed = f['channel.closed']
const refunding = f['channel.refunding']
const refunded = f['channel.refunded']
const reopened = f['channel.reopened']
const paid = (sats: bigint): ChannelFact => ({ type: 'channel.paid', at, paid: sats, signature: '55'.repeat(64) })
const live = [proposed, funded]
const open = [...live, opened]

const propose = (capacitySats = CHANNEL.capacitySats): ChannelCommand => ({
  kind: 'propose',
  at,
  terms: { ...CHANNEL, capacitySats },
})
const fund: ChannelCommand = { ...funded, kind: 'fund' }
const confirm = (height = 100): ChannelCommand => ({ kind: 'open', at, height })
const unopen: ChannelCommand = { kind: 'unopen', at }
const pay = (sats: bigint): ChannelCommand => ({ kind: 'pay', at, paid: sats, signature: '55'.repeat(64) })
const close: ChannelCommand = { kind: 'close', at, txid: CLOSING_TXID, raw: '0201' }
const seeClosed: ChannelCommand = { ...closed, kind: 'closed' }
const refund = (height: number): ChannelCommand => ({ kind: 'refund', at, txid: REFUND_TXID, raw: '0202', height })
const seeRefunded: ChannelCommand = { ...refunded, kind: 'refunded' }
const reopen: ChannelCommand = { kind: 'reopen', at }

describe('a channel', () => {
  it('is proposed, funded, opened, paid over, closed', () => {
    given(channel).when(propose()).yields(proposed)
    given(channel, proposed).when(fund).yields(funded)
    given(channel, ...live)
      .when(confirm())
      .yields(opened)
    given(channel, ...open)
      .when(pay(1_000n))
      .yields(paid(1_000n))
    given(channel, ...open, paid(1_000n))
      .when(close)
      .yields(closing)
    const { value, context } = given(channel, ...open, paid(1_000n), closing)
      .when(seeClosed)
      .yields(closed)
    expect(value).toBe('closed')
    expect(context).toMatchObject({
      terms: CHANNEL,
      funding: { txid: FUNDING_TXID, vout: 0 },
      height: 100,
      paid: 1_000n,
      spend: { txid: CLOSING_TXID, raw: '0201', height: 110 },
    })
  })

  it('is refunded after its expiry', () => {
    given(channel, ...open)
      .when(refund(CHANNEL.expiryHeight))
      .yields(refunding)
    const { value, context } = given(channel, ...open, refunding)
      .when(seeRefunded)
      .yields(refunded)
    expect(value).toBe('refunded')
    expect(context.spend).toEqual({ txid: REFUND_TXID, raw: '0202', height: 501 })
  })

  it('takes vouchers before the funding is in a block', () => {
    given(channel, ...live)
      .when(pay(1_000n))
      .yields(paid(1_000n))
  })

  it('closes before the funding is in a block, and hears of that block then', () => {
    const { value, context } = given(channel, ...live, paid(1_000n), closing)
      .when(confirm(105))
      .yields({ ...opened, height: 105 })
    expect(value).toBe('closing')
    expect(context.height).toBe(105)
  })

  it('that the other side spent keeps no bytes of its own for that', () => {
    const other = { ...closed, txid: 'dd'.repeat(32) }
    expect(fold(channel, [...open, paid(1_000n), other]).context.spend).toEqual({
      txid: other.txid,
      raw: undefined,
      height: 110,
    })
    expect(fold(channel, [...open, refunding, closed]).value).toBe('closed')
    expect(fold(channel, [...open, paid(1_000n), closing, refunded]).value).toBe('refunded')
  })

  it('that is known stays as it is', () => {
    given(channel, proposed).when(propose()).changesNothing()
    given(channel, ...live)
      .when(fund)
      .changesNothing()
    given(channel, ...open)
      .when(confirm())
      .changesNothing()
    given(channel, ...live)
      .when(unopen)
      .changesNothing()
    given(channel, ...open, paid(1_000n))
      .when(pay(1_000n))
      .changesNothing()
    given(channel, ...open, paid(1_000n), closing)
      .when(close)
      .changesNothing()
    given(channel, ...open, paid(1_000n), closing)
      .when(refund(900))
      .changesNothing()
    given(channel, ...open, refunding)
      .when(refund(900))
      .changesNothing()
    given(channel, ...open, closed)
      .when(seeClosed)
      .changesNothing()
    given(channel, ...open, refunded)
      .when(seeRefunded)
      .changesNothing()
    given(channel, ...open)
      .when(reopen)
      .changesNothing()
  })
})

describe('a spend that waits', () => {
  it('is replaced by another of the same kind', () => {
    const closer = { ...closing, txid: 'c2'.repeat(32), raw: '0203' }
    const again = given(channel, ...open, paid(1_000n), closing)
      .when({ ...close, txid: closer.txid, raw: closer.raw } as ChannelCommand)
      .yields(closer)
    expect(again.context.spend).toEqual({ txid: closer.txid, raw: '0203', height: undefined })
    const sooner = { ...refunding, txid: 'e3'.repeat(32), raw: '0204' }
    given(channel, ...open, refunding)
      .when({ ...refund(900), txid: sooner.txid, raw: sooner.raw } as ChannelCommand)
      .yields(sooner)
  })

  it('is over with the one that came into a block, whichever it was', () => {
    const closer = { ...closing, txid: 'c2'.repeat(32), raw: '0203' }
    const { value, context } = fold(channel, [...open, paid(1_000n), closing, closer, closed])
    expect(value).toBe('closed')
    expect(context.spend).toEqual({ txid: CLOSING_TXID, raw: undefined, height: 110 })
  })
})

describe('vouchers', () => {
  it.each([DUST_SATS, CHANNEL.capacitySats])('may be for %d sats', (sats) => {
    given(channel, ...open)
      .when(pay(sats))
      .yields(paid(sats))
  })

  it('in any order leave the highest that was taken', () => {
    const sums = fc.array(fc.bigInt({ min: -1_000n, max: CHANNEL.capacitySats + 1_000n }), { maxLength: 30 })
    fc.assert(
      fc.property(sums, (all) => {
        let state = fold(channel, open)
        for (const sum of all) {
          const decided = channel.decide(pay(sum), state)
          if (isRefusal(decided)) continue
          for (const fact of decided as readonly ChannelFact[]) state = channel.evolve(state, fact)
        }
        const taken = all.filter((sum) => sum >= DUST_SATS && sum <= CHANNEL.capacitySats)
        expect(state.context.paid).toBe(taken.reduce((most, sum) => larger(most, sum), 0n))
      }),
    )
  })
})

describe('a reorganisation', () => {
  it('takes the funding’s block away, and the next gives another', () => {
    given(channel, ...open)
      .when(unopen)
      .yields(unopened)
    const { value, context } = given(channel, ...open, unopened)
      .when(confirm(102))
      .yields({ ...opened, height: 102 })
    expect(value).toEqual({ live: 'open' })
    expect(context.height).toBe(102)
    expect(fold(channel, [...open, unopened]).context).toEqual(fold(channel, live).context)
  })

  it('takes the funding’s block away while the channel is closing', () => {
    const { value, context } = given(channel, ...open, paid(1_000n), closing)
      .when(unopen)
      .yields(unopened)
    expect(value).toBe('closing')
    expect(context.height).toBeUndefined()
  })

  it.each([
    ['close', [closing, closed]],
    ['refund', [refunding, refunded]],
  ] as const)('takes a %s away: it is on its way again', (_what, [waits, done]) => {
    const { value, context } = given(channel, ...open, paid(1_000n), waits, done)
      .when(reopen)
      .yields(reopened, waits)
    const before = fold(channel, [...open, paid(1_000n), waits])
    expect(value).toEqual(before.value)
    expect(context).toEqual(before.context)
  })

  it.each([
    ['close', closed],
    ['refund', refunded],
  ] as const)('takes a %s of the other side away: the money is in the channel again', (_what, spend) => {
    const { value, context } = given(channel, ...open, paid(1_000n), spend)
      .when(reopen)
      .yields(reopened)
    expect(value).toEqual({ live: 'open' })
    expect(context).toEqual(fold(channel, [...open, paid(1_000n)]).context)
  })

  it('takes a close away, which is then made again', () => {
    const history = [...open, paid(1_000n), closing, closed, reopened]
    given(channel, ...history)
      .when(close)
      .yields(closing)
    given(channel, ...history, closing)
      .when(seeClosed)
      .yields(closed)
  })

  // Found in the chain watch: it takes a block's transactions back in their order, and a refused step drops all of a stream's.
  it.each([
    ['close', closed],
    ['refund', refunded],
  ] as const)('takes funding and %s away together, in either order, and both may come again', (_what, spend) => {
    for (const gone of [
      [unopened, reopened],
      [reopened, unopened],
    ]) {
      const state = fold(channel, [...open, paid(1_000n), spend, ...gone])
      expect(state.context).toEqual(fold(channel, [...live, paid(1_000n)]).context)
      const history = [...open, paid(1_000n), spend, ...gone, { ...opened, height: 103 }]
      expect(fold(channel, history).value).toEqual({ live: 'open' })
      expect(fold(channel, history).context.height).toBe(103)
      expect(fold(channel, [...history, spend]).value).toBe(spend === closed ? 'closed' : 'refunded')
    }
    given(channel, ...open, paid(1_000n), spend)
      .when(unopen)
      .yields(unopened)
    given(channel, ...open, paid(1_000n), spend, unopened)
      .when(reopen)
      .yields(reopened)
  })

  it('may give the funding another block before it is told that the first is gone', () => {
    given(channel, ...open)
      .when(confirm(102))
      .yields({ ...opened, height: 102 })
  })

  it('lets the other spend win, whichever was first', () => {
    expect(fold(channel, [...open, paid(1_000n), closing, closed, reopened, refunded]).value).toBe('refunded')
    expect(fold(channel, [...open, paid(1_000n), refunding, refunded, reopened, closed]).value).toBe('closed')
  })
})

type Case = readonly [what: string, history: readonly ChannelFact[], command: ChannelCommand]

/** A case at least for every code; the type sees to it. */
const REFUSALS: { readonly [Code in ChannelRefusal]: readonly [Case, ...Case[]] } = {
  'capacity-too-small': [
    ['a sat too few', [], propose(MIN_CAPACITY_SATS - 1n)],
    ['nothing', [], propose(0n)],
    ['less than nothing', [], propose(-1n)],
  ],
  'voucher-goes-back': [
    ['a sat less', [...open, paid(1_000n)], pay(999n)],
    ['less than nothing', open, pay(-1n)],
  ],
  'voucher-below-dust': [
    ['a sat below dust', open, pay(DUST_SATS - 1n)],
    ['one sat', open, pay(1n)],
  ],
  'over-capacity': [
    ['a sat more than there is', open, pay(CHANNEL.capacitySats + 1n)],
    ['a voucher before there are terms', [], pay(1_000n)],
  ],
  'nothing-paid': [
    ['a close without a voucher', open, close],
    ['a close of an unknown channel', [], close],
  ],
  'not-expired': [
    ['a refund a block too soon', open, refund(CHANNEL.expiryHeight - 1)],
    ['a refund before there are terms', [], refund(10_000)],
  ],
}

describe.each(Object.entries(REFUSALS))('a channel refuses with %s', (code, cases) => {
  it.each(cases)('%s', (_what, history, command) => {
    given(channel, ...history)
      .when(command)
      .refuses(code as ChannelRefusal)
  })
})

describe('a channel refuses as illegal', () => {
  it.each<Case>([
    ['funding before a proposal', [], fund],
    ['another funding', live, { ...fund, txid: 'dd'.repeat(32) } as ChannelCommand],
    ['confirmation before funding', [proposed], confirm()],
    ['a voucher before funding', [proposed], pay(1_000n)],
    ['a voucher while closing', [...open, paid(1_000n), closing], pay(2_000n)],
    ['a voucher while refunding', [...open, refunding], pay(1_000n)],
    ['a voucher after the close', [...open, paid(1_000n), closed], pay(2_000n)],
    ['a close while refunding', [...open, paid(1_000n), refunding], close],
    ['a refund before funding', [proposed], refund(900)],
  ])('%s', (_what, history, command) => {
    given(channel, ...history)
      .when(command)
      .refuses('illegal')
  })
})

it('the least capacity pays for its own opening and close', () => {
  given(channel)
    .when(propose(MIN_CAPACITY_SATS))
    .yields({ ...proposed, terms: { ...CHANNEL, capacitySats: MIN_CAPACITY_SATS } })
})

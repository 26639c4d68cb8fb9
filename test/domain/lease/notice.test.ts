import { describe, expect, it } from 'vitest'
import type { LeaseCommand } from '../../../domain/lease/commands.ts'
import type { LeaseFact, Side } from '../../../domain/lease/facts.ts'
import { lease } from '../../../domain/lease/lease.ts'
import { chosenEnd, hasAsked, isEnding } from '../../../domain/lease/notice.ts'
import { fold, given } from '../../specification.ts'
import { AT, metered, TERMS } from './sample.ts'

const MINUTE_MS = 60_000
const noticed = (by: Side, endsAt?: number, at = AT): LeaseFact => ({
  type: 'lease.noticed',
  at,
  by,
  code: `stopped-by-${by}`,
  ...(endsAt === undefined ? {} : { endsAt }),
})
const withdrawn = (by: Side): LeaseFact => ({ type: 'lease.notice-withdrawn', at: AT, by })
const give = (by: Side, endsAt?: number, at = AT): LeaseCommand =>
  ({ ...noticed(by, endsAt, at), kind: 'notice', type: undefined }) as never as LeaseCommand
const running = (...more: LeaseFact[]): LeaseFact[] => [...metered(1, 2_000n), ...more]
const contextOf = (...more: LeaseFact[]) => fold(lease, running(...more)).context

describe('notice of the end', () => {
  it.each(['publisher', 'provider'] as const)('may be given by the %s, brought forward, and repeated', (by) => {
    given(lease, ...running())
      .when(give(by, AT + MINUTE_MS))
      .yields(noticed(by, AT + MINUTE_MS))
    given(lease, ...running(noticed(by, AT + MINUTE_MS)))
      .when(give(by, AT + MINUTE_MS))
      .changesNothing()
    given(lease, ...running(noticed(by, AT + MINUTE_MS)))
      .when(give(by, AT + 1))
      .yields(noticed(by, AT + 1))
    given(lease, ...running(noticed(by, AT + MINUTE_MS)))
      .when(give(by))
      .yields(noticed(by))
  })

  it('of one side takes nobody else’s word away: it may say that it ends, and go on', () => {
    for (const [one, other] of [
      ['provider', 'publisher'],
      ['publisher', 'provider'],
    ] as const) {
      given(lease, ...running(noticed(one)))
        .when(give(other))
        .yields(noticed(other))
      given(lease, ...running(noticed(one)))
        .when(give(one))
        .changesNothing()
    }
  })

  it('is taken back by who gave it alone, and not when it is for now', () => {
    const take = (by: Side): LeaseCommand => ({ kind: 'withdraw-notice', at: AT, by })
    given(lease, ...running(noticed('provider', AT + 1)))
      .when(take('publisher'))
      .changesNothing()
    given(lease, ...running(noticed('provider', AT + 1)))
      .when(take('provider'))
      .yields(withdrawn('provider'))
    given(lease, ...running(noticed('publisher')))
      .when(take('publisher'))
      .refuses('ending')
    given(lease, ...running(noticed('publisher', AT + 1), withdrawn('publisher')))
      .when(give('publisher', AT + MINUTE_MS))
      .yields(noticed('publisher', AT + MINUTE_MS))
  })

  it('of the two sides counts as the one that is due first', () => {
    const both = [noticed('publisher', AT + 2 * MINUTE_MS), noticed('provider', AT + MINUTE_MS)]
    expect(contextOf(...both).notice).toMatchObject({ by: 'provider', endsAt: AT + MINUTE_MS })
    expect(contextOf(...both, withdrawn('provider')).notice).toMatchObject({ by: 'publisher' })
    expect(contextOf(...both, withdrawn('provider'), withdrawn('publisher')).notice).toBeUndefined()
    expect(contextOf(...both, noticed('publisher')).notice).toMatchObject({
      by: 'publisher',
      code: 'stopped-by-publisher',
    })
  })

  it('for later leaves room for a top-up, for now it does not', () => {
    const wanted: LeaseCommand = { kind: 'want-top-up', at: AT, sats: 20_000n, reference: 'a' }
    expect(isEnding(contextOf(noticed('publisher', AT + MINUTE_MS)))).toBe(false)
    given(lease, ...running(noticed('publisher', AT + MINUTE_MS)))
      .when(wanted)
      .yields({ type: 'lease.top-up-wanted', at: AT, leg: 1, sats: 20_000n, reference: 'a' })
    given(lease, ...running(noticed('publisher')))
      .when(wanted)
      .refuses('ending')
  })

  it('counts as the publisher’s wish once its time has come', () => {
    expect(hasAsked(contextOf(noticed('publisher', AT + MINUTE_MS)), AT)).toBe(false)
    expect(hasAsked(contextOf(noticed('publisher', AT + MINUTE_MS)), AT + MINUTE_MS)).toBe(true)
    expect(hasAsked(contextOf(noticed('provider')), AT + MINUTE_MS)).toBe(false)
  })
})

describe('an agreed notice', () => {
  const terms = { ...TERMS, noticeMs: 10 * MINUTE_MS }
  const judged = (at: number, ...facts: LeaseFact[]) =>
    chosenEnd('stopped-by-provider', at, { ...contextOf(...facts), terms })
  const due = AT + 10 * MINUTE_MS

  it('is kept by a provider that waits for its time', () => {
    expect(judged(due, noticed('provider', due))).toBe('stopped-by-provider')
    expect(judged(due - 500, noticed('provider', due - 1_000))).toBe('stopped-by-provider')
  })

  it.each<readonly [string, number, readonly LeaseFact[]]>([
    ['says nothing', due, []],
    ['ends it at once after it said so', AT, [noticed('provider', due)]],
    ['says so too late', AT + MINUTE_MS, [noticed('provider', AT + MINUTE_MS)]],
    ['brings it forward', AT + MINUTE_MS, [noticed('provider', due), noticed('provider', AT + MINUTE_MS)]],
    ['has taken it back', due, [noticed('provider', due), withdrawn('provider')]],
    ['leaves it to the publisher', due, [noticed('publisher', due)]],
    ['says that it is for now', due, [noticed('provider')]],
  ])('is broken by one that %s', (_, at, facts) => {
    expect(judged(at, ...facts)).toBe('ended-without-notice')
  })

  it('is of no end but the one that it chose, and of no lease without one', () => {
    expect(chosenEnd('host-fault', AT, { ...contextOf(), terms })).toBe('host-fault')
    expect(chosenEnd('stopped-by-publisher', AT, { ...contextOf(), terms })).toBe('stopped-by-publisher')
    expect(chosenEnd('stopped-by-provider', AT, contextOf())).toBe('stopped-by-provider')
  })
})

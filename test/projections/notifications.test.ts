import { describe, expect, it } from 'vitest'
import type { Fact } from '../../domain/fact.ts'
import type { LeaseFact, Side } from '../../domain/lease/facts.ts'
import { MAX_NOTIFICATIONS, type NotificationRow, notifications } from '../../projections/notifications.ts'
import { effectFacts } from '../domain/effect/sample.ts'
import { fold } from './fold.ts'
import { AT, leaseIdNumber, sought, toMetering, toSettled } from './lease-history.ts'

const id = leaseIdNumber(1)
const rowsOf = (...history: (readonly [string, unknown])[]): NotificationRow[] =>
  [...fold(notifications as never, history as (readonly [string, Fact])[]).values()].filter(
    (row): row is NotificationRow => (row as NotificationRow).list === 'notification',
  )
const lease = (side: Side, ...facts: LeaseFact[]) =>
  [{ ...sought(id), side } as LeaseFact, ...facts].map((fact) => [`lease-${id}`, fact] as const)
const ended = (code: string, culprit = 'provider') =>
  ({ type: 'lease.ended', at: AT, code, culprit, why: 'SECRET' }) as unknown as LeaseFact
const received = (account: string, more = {}) => ({
  ...{ type: 'wallet.received', at: AT, txid: 'a', vout: 0, value: 7n, script: '', coinbase: false, bond: false },
  keyPath: { account, index: 0 },
  ...more,
})

describe('notifications', () => {
  it.each<[Side, string, number]>([
    ['publisher', 'stopped-by-publisher', 0],
    ['publisher', 'stopped-by-provider', 1],
    ['provider', 'stopped-by-provider', 0],
    ['provider', 'stopped-by-publisher', 1],
    ['publisher', 'machine-gone', 1],
  ])('tell a %s of the end %s: %i', (side, code, count) => {
    const rows = rowsOf(...lease(side, ended(code)))
    expect(rows).toHaveLength(count)
    if (count === 0) return
    expect(rows[0]).toMatchObject({ kind: 'lease-ended', severity: 'warning', subjectKind: 'lease', subject: id, code })
    expect(rows[0]!.next).toMatch(/./)
    expect(JSON.stringify(rows, (_, it) => (typeof it === 'bigint' ? `${it}` : it))).not.toContain('SECRET')
  })

  it('tell of a failure only after both had agreed', () => {
    const failed = { type: 'lease.failed', at: AT, code: 'machine-failed', culprit: 'host', why: '' } as LeaseFact
    expect(rowsOf(...lease('publisher', failed))).toEqual([])
    const agreed = toMetering(id).slice(1, 6)
    expect(rowsOf(...lease('publisher', ...agreed, failed))).toMatchObject([
      { kind: 'lease-failed', code: 'machine-failed', culprit: 'host' },
    ])
  })

  it('tell of a notice of the other side that is for later', () => {
    const notice = (by: Side, endsAt?: number) =>
      ({ type: 'lease.noticed', at: AT, by, code: `stopped-by-${by}`, ...(endsAt ? { endsAt } : {}) }) as LeaseFact
    const rows = rowsOf(
      ...lease('publisher', notice('publisher', AT + 9), notice('provider'), notice('provider', AT + 9)),
    )
    expect(rows).toMatchObject([{ kind: 'notice-given', endsAt: AT + 9 }])
  })

  it('tell of payments, and of money that a reorganisation touched', () => {
    const rows = rowsOf(
      ['wallet', received('receive')],
      ['wallet', received('change')],
      ['wallet', received('receive', { coinbase: true })],
      ['wallet', received('receive', { bond: true })],
      ['wallet', { type: 'wallet.unconfirmed', at: AT, txid: 'a' }],
      ['wallet', { type: 'wallet.dropped', at: AT, txid: 'a', reason: 'replaced' }],
      ['wallet', { type: 'wallet.dropped', at: AT, txid: 'a', reason: 'conflict' }],
      [`channel-${id}.2`, { type: 'channel.reopened', at: AT }],
      ['announcement-ff', { type: 'announcement.lost', at: AT }],
    )
    expect(
      rows.map(({ kind, severity, subjectKind, subject, sats }) => [kind, severity, subjectKind, subject, sats]),
    ).toEqual([
      ['payment-received', 'info', 'transaction', 'a', 7n],
      ['money-reorganised', 'warning', 'transaction', 'a', undefined],
      ['payment-dropped', 'warning', 'transaction', 'a', undefined],
      ['money-reorganised', 'warning', 'lease', id, undefined],
      ['money-reorganised', 'warning', 'announcement', 'ff', undefined],
    ])
  })

  it('tell of effects that wait for a person', () => {
    const facts = effectFacts()
    expect(rowsOf(['effect-ab', facts['effect.asked']], ['effect-ab', facts['effect.parked']])).toMatchObject([
      { id: '1', kind: 'effect-parked', severity: 'critical', subjectKind: 'effect', subject: 'ab' },
    ])
  })

  it('are the newest, and nothing is kept of leases that are over', () => {
    const dropped = Array.from(
      { length: MAX_NOTIFICATIONS + 3 },
      (_, i) => ['wallet', received('receive', { txid: `${i}` })] as const,
    )
    const rows = rowsOf(...dropped)
    expect([rows.length, rows[0]!.id, rows.at(-1)!.id]).toEqual([MAX_NOTIFICATIONS, '4', `${MAX_NOTIFICATIONS + 3}`])
    const all = fold(notifications as never, lease('publisher', ...toSettled(1n)) as never)
    expect([...all.keys()]).toEqual([])
  })
})

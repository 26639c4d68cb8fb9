import { describe, expect, it } from 'vitest'
import { announcement } from '../../domain/announcement/announcement.ts'
import type { AnnouncementFact } from '../../domain/announcement/facts.ts'
import type { ChainFact } from '../../domain/chain/facts.ts'
import { followedChain } from '../../domain/chain/following.ts'
import { channel } from '../../domain/channel/channel.ts'
import type { ChannelFact } from '../../domain/channel/facts.ts'
import { claim } from '../../domain/claim/claim.ts'
import type { ClaimFact } from '../../domain/claim/facts.ts'
import { decode, encode } from '../../domain/codec.ts'
import { effect } from '../../domain/effect/effect.ts'
import type { EffectFact } from '../../domain/effect/facts.ts'
import type { Fact } from '../../domain/fact.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { lease } from '../../domain/lease/lease.ts'
import type { LoginFact } from '../../domain/login/facts.ts'
import type { TimerFact } from '../../domain/timer/facts.ts'
import { timer } from '../../domain/timer/timer.ts'
import { balanceOf } from '../../domain/wallet/coins.ts'
import { evolveWallet } from '../../domain/wallet/evolve.ts'
import type { WalletFact } from '../../domain/wallet/facts.ts'
import { initialWallet } from '../../domain/wallet/state.ts'
import { announcementFacts } from '../domain/announcement/sample.ts'
import { channelFacts } from '../domain/channel/sample.ts'
import { claimFacts } from '../domain/claim/sample.ts'
import { effectFacts } from '../domain/effect/sample.ts'
import { leaseFacts } from '../domain/lease/sample.ts'
import { timerFacts } from '../domain/timer/sample.ts'
import { fold } from '../specification.ts'
import { goldenFiles, goldenLines, goldenStreams } from './golden.ts'

const CHAIN_FACTS: Readonly<Record<ChainFact['type'], true>> = {
  'chain.connected': true,
  'chain.included': true,
  'chain.disconnected': true,
  'chain.reorganised': true,
}

const stage = (value: unknown): string =>
  typeof value === 'string' ? value : Object.entries(value as object)[0]!.join('.')

const leaseSummary = (facts: readonly Fact[]): string => {
  const { value, context } = fold(lease, facts as LeaseFact[])
  const { side, tick, owedMsat, paidTick, paidSats, end, failure, released, receipt } = context
  const last = facts.findLast(
    (fact): fact is Extract<LeaseFact, { type: 'lease.settled' }> => fact.type === 'lease.settled',
  )
  return [
    `${side} ${stage(value)}`,
    `tick ${tick} owes ${owedMsat} msat`,
    `paid ${paidSats} sats to tick ${paidTick}`,
    end && `${end.code} by ${end.culprit}`,
    failure,
    released && 'released',
    receipt && `receipt of ${receipt.receipt.paidSats} sats`,
    last && `chain paid ${last.paidSats} sats`,
  ]
    .filter(Boolean)
    .join(', ')
}

const channelSummary = (facts: readonly Fact[]): string => {
  const { value, context } = fold(channel, facts as ChannelFact[])
  const { height, paid, spend } = context
  return `${stage(value)}, opened at ${height}, paid ${paid}, spend ${spend?.txid.slice(0, 4)} at ${spend?.height}`
}

const announcementSummary = (facts: readonly Fact[]): string => {
  const { value, context } = fold(announcement, facts as AnnouncementFact[])
  const { own, height, body, verdict, bondSats } = context
  return `${stage(value)}, own ${own}, at ${height}, body ${body?.label}, verdict ${verdict?.ok}, bond ${bondSats}`
}

const claimSummary = (facts: readonly Fact[]): string => {
  const { value, context } = fold(claim, facts as ClaimFact[])
  return `${stage(value)}, ${context.owner}, term ${context.term}`
}

const effectSummary = (facts: readonly Fact[]): string => {
  const { value, context } = fold(effect, facts as EffectFact[])
  return `${stage(value)}, ${context.kind} of ${context.subject}`
}

const timerSummary = (facts: readonly Fact[]): string => {
  const { value, context } = fold(timer, facts as TimerFact[])
  return `${stage(value)}, ${context.kind} of ${context.subject} at ${context.due}`
}

const chainSummary = (facts: readonly Fact[]): string =>
  fold(followedChain, facts as ChainFact[])
    .recent.map(({ height, hash }) => `${height} ${hash.slice(-2)}`)
    .join(', ')

const walletSummary = (facts: readonly Fact[]): string => {
  const { confirmed, unconfirmed } = balanceOf((facts as WalletFact[]).reduce(evolveWallet, initialWallet), {
    height: 200,
    maturity: 10,
  })
  return `${facts.length} facts, ${confirmed} sats confirmed, ${unconfirmed} not`
}

/** Of streams that are not folded: each fact is read by itself. */
const noteSummary = (facts: readonly Fact[]): string =>
  facts.map(({ type, ...rest }) => `${type}: ${Object.keys(rest).join(' ')}`).join(', ')

/** What each stream of each file has to add up to, today as on the day it was written. */
const loginSummary = (facts: readonly Fact[]): string =>
  (facts as readonly LoginFact[])
    .map((fact) => {
      if (fact.type === 'login.counted') return `${fact.refused} refused`
      return fact.type === 'login.opened' ? 'opened' : `closed ${fact.why} ${fact.rxBytes} ${fact.txBytes}`
    })
    .join(', ')

const EXPECTED: Readonly<
  Record<string, { readonly summary: (facts: readonly Fact[]) => string; readonly streams: readonly string[] }>
> = {
  'announcement.v1.jsonl': {
    summary: announcementSummary,
    streams: [
      'withdrawn, own true, at 100, body render, verdict undefined, bond 1000',
      'standing, own false, at 101, body render, verdict true, bond 1000',
      'withdrawn, own false, at 100, body undefined, verdict undefined, bond 1000',
      'expired, own false, at undefined, body undefined, verdict undefined, bond 1000',
      'posted, own true, at undefined, body render, verdict undefined, bond 0',
      'unknown, own false, at undefined, body undefined, verdict undefined, bond 0',
      'posted, own true, at undefined, body render, verdict undefined, bond 0',
    ],
  },
  'chain.v1.jsonl': { summary: chainSummary, streams: ['0 d0, 1 d1, 2 e2, 3 f3'] },
  'channel.v1.jsonl': {
    summary: channelSummary,
    streams: [
      'closed, opened at 100, paid 2000, spend c1c1 at 110',
      'closed, opened at 101, paid 1200, spend c1c1 at 112',
      'refunded, opened at 100, paid 0, spend e2e2 at 502',
      'closing, opened at undefined, paid 1000, spend c1c1 at undefined',
      'closed, opened at 101, paid 0, spend c1c1 at 111',
      'closed, opened at undefined, paid 0, spend c1c1 at 111',
    ],
  },
  'claim.v1.jsonl': { summary: claimSummary, streams: ['free, bb, term 2', 'held, aa, term 1'] },
  'effect.v1.jsonl': {
    summary: effectSummary,
    streams: [
      'done, withdraw-filled of aa',
      'open, give-up of bb',
      'dropped, give-up of cc',
      'parked, withdraw-filled of dd',
    ],
  },
  'index.v1.jsonl': {
    summary: noteSummary,
    streams: [
      'index.connected: at hash height previous time transactions, index.disconnected: at hash height previous time transactions',
    ],
  },
  'lease-provider.v1.jsonl': {
    summary: leaseSummary,
    streams: [
      'provider settled, tick 601 owes 1813002 msat, paid 1818 sats to tick 601, stopped-by-publisher by publisher, released, receipt of 1818 sats, chain paid 1818 sats',
      'provider settled, tick 1 owes 13000 msat, paid 1000 sats to tick 1, publisher-silent by peer-unreachable, released, chain paid 1000 sats',
      'provider refunded, tick 0 owes 0 msat, paid 0 sats to tick -1, host-fault by host',
      'provider lapsed, tick 0 owes 0 msat, paid 0 sats to tick -1, stage-timeout',
      'provider refused, tick 0 owes 0 msat, paid 0 sats to tick -1, too-expensive',
      'provider failed, tick 0 owes 0 msat, paid 0 sats to tick -1, machine-failed',
      'provider meter.flowing, tick 1 owes 13000 msat, paid 1000 sats to tick 1',
      'provider settled, tick 1 owes 14500 msat, paid 51001 sats to tick 1, stopped-by-publisher by publisher, released, receipt of 51001 sats, chain paid 51001 sats',
      'provider settle, tick 1 owes 14500 msat, paid 1010 sats to tick 1, usage-mismatch by provider',
      'provider settle, tick 1 owes 13000 msat, paid 1000 sats to tick 1, ended-without-notice by provider',
      'provider meter.flowing, tick 2 owes 13500 msat, paid 1000 sats to tick 1',
      'provider meter.flowing, tick 2 owes 373000 msat, paid 1500 sats to tick 2',
      'provider meter.flowing, tick 2 owes 13500 msat, paid 1000 sats to tick 1',
      'provider meter.flowing, tick 0 owes 0 msat, paid 1000 sats to tick 0',
    ],
  },
  'lease-publisher.v1.jsonl': {
    summary: leaseSummary,
    streams: [
      'publisher settled, tick 601 owes 1813002 msat, paid 1818 sats to tick 601, stopped-by-publisher by publisher, released, receipt of 1818 sats, chain paid 1818 sats',
      'publisher settled, tick 1 owes 13000 msat, paid 1000 sats to tick 1, provider-silent by peer-unreachable, released, chain paid 1000 sats',
      'publisher refunded, tick 0 owes 0 msat, paid 0 sats to tick -1, host-fault by host',
      'publisher lapsed, tick 0 owes 0 msat, paid 0 sats to tick -1, stage-timeout',
      'publisher refused, tick 0 owes 0 msat, paid 0 sats to tick -1, too-expensive',
      'publisher failed, tick 0 owes 0 msat, paid 0 sats to tick -1, machine-failed',
      'publisher meter.flowing, tick 1 owes 13000 msat, paid 1000 sats to tick 1',
      'publisher settled, tick 1 owes 14500 msat, paid 51001 sats to tick 1, stopped-by-publisher by publisher, released, receipt of 51001 sats, chain paid 51001 sats',
      'publisher settle, tick 1 owes 14500 msat, paid 1010 sats to tick 1, usage-mismatch by provider',
      'publisher settle, tick 1 owes 13000 msat, paid 1000 sats to tick 1, ended-without-notice by provider',
      'publisher meter.flowing, tick 2 owes 13500 msat, paid 1000 sats to tick 1',
      'publisher meter.flowing, tick 2 owes 373000 msat, paid 1500 sats to tick 2',
      'publisher meter.flowing, tick 2 owes 13500 msat, paid 1000 sats to tick 1',
      'publisher meter.flowing, tick 0 owes 0 msat, paid 1000 sats to tick 0',
    ],
  },
  'logins.v1.jsonl': { summary: loginSummary, streams: ['opened, 12 refused, closed client 1000 2000'] },
  'mempool.v1.jsonl': {
    summary: noteSummary,
    streams: ['mempool.entered: at transaction, mempool.kept: at transaction, mempool.left: at reason txid'],
  },
  'notes.v1.jsonl': {
    summary: noteSummary,
    streams: [
      'claim.renewed: at',
      'subject.forgotten: at subject',
      'log.owned: at identity network',
      'request.answered: answer at input operation',
      'lending.began: at, lending.kept: at, lending.kept: at closed, lending.ended: at',
    ],
  },
  'timer.v1.jsonl': {
    summary: timerSummary,
    streams: [
      'fired, give-up of aa at 1800000060500',
      'cancelled, give-up of bb at 1800000070000',
      'set, give-up of cc at 1800000080000',
    ],
  },
  'wallet.v1.jsonl': {
    summary: walletSummary,
    streams: ['10 facts, 50000 sats confirmed, 0 not', '3 facts, 0 sats confirmed, 0 not'],
  },
}

describe.each(goldenFiles())('%s', (file) => {
  it('folds to what it always did', () => {
    const { summary, streams } = EXPECTED[file]!
    expect([...goldenStreams(file).values()].map(summary)).toEqual(streams)
  })

  it('is in the stored form, and would be written so again', () => {
    for (const line of goldenLines(file)) expect(encode(decode(line))).toBe(line)
  })
})

describe('golden histories', () => {
  it('are all expected', () => {
    expect(goldenFiles()).toEqual(Object.keys(EXPECTED))
  })

  it.each([
    ['lease', Object.keys(leaseFacts())],
    ['channel', Object.keys(channelFacts())],
    ['announcement', Object.keys(announcementFacts())],
    ['chain', Object.keys(CHAIN_FACTS)],
    ['claim', Object.keys(claimFacts())],
    ['effect', Object.keys(effectFacts())],
    ['timer', Object.keys(timerFacts())],
  ])('hold every kind of fact of %s', (name, types) => {
    const files = goldenFiles().filter((file) => file.startsWith(name))
    const seen = new Set(files.flatMap((file) => [...goldenStreams(file).values()].flat().map((fact) => fact.type)))
    expect([...seen].sort()).toEqual([...types].sort())
  })

  it.each(['lease-publisher.v1.jsonl', 'lease-provider.v1.jsonl'])('%s holds every kind of fact of a lease', (file) => {
    const seen = new Set([...goldenStreams(file).values()].flat().map((fact) => fact.type))
    expect([...seen].sort()).toEqual(Object.keys(leaseFacts()).sort())
  })
})

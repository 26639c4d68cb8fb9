import { type Seen, type Tried, tryPolicy } from '../../domain/dry-run/what-if.ts'
import { match, type Policy, type Request, type Situation, type Verdict } from '../../domain/match.ts'
import { scalePrice } from '../../domain/price.ts'
import type { Resources } from '../../domain/resources.ts'
import { type AnnouncementRow, announcements } from '../../projections/announcements.ts'
import { leases } from '../../projections/leases.ts'
import { MAX_PAGE_ROWS, type Projector } from '../projector/port.ts'
import { tipHeight } from './dry-run.ts'
import type { Lending } from './port.ts'

/** The longest time that `whatIf` looks back over, ms, and how many announcements of it at the most. */
export const MAX_WHAT_IF_MS = 7 * 86_400_000
export const MAX_WHAT_IF = 5_000

/** What is free now, and how much of it is leased. */
export const situationNow = (projector: Projector, { total, open, availability }: Lending): Situation => {
  const running = projector
    .query(leases, { where: { side: 'provider', active: 1 }, orderBy: 'id', limit: MAX_PAGE_ROWS })
    .flatMap(({ row: { terms, released } }) => (terms === undefined || released ? [] : [terms.resources]))
  const left = (size: keyof Resources): number => running.reduce((rest, it) => rest - it[size], total[size])
  const free = {
    cpuMillis: left('cpuMillis'),
    memoryBytes: left('memoryBytes'),
    diskBytes: left('diskBytes'),
    pids: left('pids'),
  }
  const height = tipHeight(projector)
  return { free, leases: running.length, height, ...(open && { open }), ...(availability && { availability }) }
}

export const requestOf = ({ author, record, body }: AnnouncementRow): Request | undefined =>
  record === undefined || body === undefined
    ? undefined
    : { publisherKey: author, expiryHeight: record.expiryHeight, body }

/** By what a provider judges: its rules, and what is free now. */
export type Judging = { readonly policy: Policy; readonly situation: Situation }

/** How this provider would judge an announcement now; undefined when it lends nothing out, or there is nothing to judge. */
export const verdictNow = (judging: Judging | undefined, row: AnnouncementRow): Verdict | undefined => {
  const request = row.own ? undefined : requestOf(row)
  return judging && request && match(request, judging.policy, judging.situation)
}

/** Other rules than the present ones; absent: as it is. */
export type PolicyChange = Partial<Pick<Policy, 'images' | 'bridgeAllowed' | 'maxDurationMs' | 'maxLeases'>> & {
  /** Of the present prices, asked and least. */
  readonly pricePercent?: number
  /** The least price, of that which is asked. */
  readonly floorPercent?: number
  /** `'anybody'`: no list. */
  readonly trustedKeys?: readonly string[] | 'anybody'
}

export const changedPolicy = (policy: Policy, change: PolicyChange): Policy => {
  const { pricePercent = 100, floorPercent, trustedKeys, ...rest } = change
  const ask = scalePrice(policy.ask, BigInt(pricePercent), 100n)
  const floor = scalePrice(
    ...(floorPercent === undefined
      ? ([policy.floor, BigInt(pricePercent)] as const)
      : ([ask, BigInt(floorPercent)] as const)),
    100n,
  )
  const { trustedKeys: before, ...others } = policy
  const trusted = trustedKeys === undefined ? before : trustedKeys === 'anybody' ? undefined : trustedKeys
  return { ...others, ...rest, ask, floor, ...(trusted === undefined ? {} : { trustedKeys: trusted }) }
}

export type WhatIf = {
  readonly announcements: number
  readonly truncated: boolean
  readonly present: Tried
  readonly changed: Tried
}

/** What the present and the changed rules would have made of the announcements that were first seen in a time. */
export const whatIf = (
  projector: Projector,
  { policy, total, availability }: Lending,
  change: PolicyChange,
  span: { readonly from: number; readonly before: number },
): WhatIf => {
  const seen: Seen[] = []
  let after: readonly [number, string] | undefined
  let more = true
  while (more && seen.length < MAX_WHAT_IF) {
    const rows = projector.query(announcements, {
      where: { own: 0, firstAt: { gte: span.from, lt: span.before } },
      orderBy: 'firstAt',
      limit: MAX_PAGE_ROWS,
      ...(after === undefined ? {} : { after }),
    })
    for (const { row } of rows) {
      const request = requestOf(row)
      if (request !== undefined && seen.length < MAX_WHAT_IF) seen.push({ at: row.firstAt, request })
    }
    const last = rows.at(-1)
    if (last) after = [last.row.firstAt, last.id]
    more = rows.length === MAX_PAGE_ROWS
  }
  return {
    announcements: seen.length,
    truncated: more,
    present: tryPolicy(seen, policy, total, availability),
    changed: tryPolicy(seen, changedPolicy(policy, change), total, availability),
  }
}

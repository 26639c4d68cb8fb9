import { blocks } from '../../projections/blocks.ts'
import { type ChannelRow, channels } from '../../projections/channels.ts'
import { effects } from '../../projections/effects.ts'
import { type LeaseRow, leases } from '../../projections/leases.ts'
import type { Severity, SubjectKind } from '../../projections/notifications.ts'
import { MAX_PAGE_ROWS, type Projector } from '../projector/port.ts'
import type { Budget } from './port.ts'

/** Blocks after which a channel's spend, or its funding, should have been in one. */
export const STUCK_BLOCKS = 6
/** The part of the day's budget that is little: one in so many. */
const LOW_PART = 10n
/** Alerts of one kind. */
const MOST = 100

export const ALERT_KINDS = ['lease-low', 'budget-low', 'channel-stuck', 'effect-parked', 'projection-stopped'] as const

/** Something that holds now and that a person should look at. It goes away by itself when it holds no more. */
export type Alert = {
  readonly kind: (typeof ALERT_KINDS)[number]
  readonly severity: Severity
  readonly subjectKind?: SubjectKind | 'channel' | 'projection'
  readonly subject?: string
  readonly code?: string
  readonly next: string
  /** When it comes to its end, Unix ms. */
  readonly dueAt?: number
}

type Sources = {
  readonly projector: Projector
  readonly budget: Budget | undefined
  /** When the money of a lease runs out, if that is soon. */
  readonly emptyAt: (row: LeaseRow) => number | undefined
}

export const alertsNow = (sources: Sources): readonly Alert[] => [
  ...lowLeases(sources),
  ...lowBudget(sources.budget),
  ...stuckChannels(sources.projector),
  ...parked(sources.projector),
  ...stopped(sources.projector),
]

const lowLeases = ({ projector, emptyAt }: Sources): Alert[] =>
  projector
    .query(leases, { where: { side: 'publisher', stage: 'meter' }, orderBy: 'id', limit: MAX_PAGE_ROWS })
    .flatMap(({ row }) => {
      const dueAt = emptyAt(row)
      if (dueAt === undefined) return []
      const next = 'Top it up: zennet lease top-up, or let it end.'
      return [{ kind: 'lease-low', severity: 'warning', subjectKind: 'lease', subject: row.id, next, dueAt } as const]
    })
    .slice(0, MOST)

const lowBudget = (budget: Budget | undefined): Alert[] =>
  budget?.limitSats === undefined || budget.leftSats === undefined || budget.leftSats * LOW_PART > budget.limitSats
    ? []
    : [
        {
          kind: 'budget-low',
          severity: budget.leftSats === 0n ? 'critical' : 'warning',
          next: 'Raise dailyBudgetSats, or wait until tomorrow (UTC): leases end when nothing is left.',
        },
      ]

const WAITING: readonly ChannelRow['state'][] = ['funded', 'closing', 'refunding']

const stuckChannels = (projector: Projector): Alert[] =>
  projector
    .query(channels, { where: { state: { in: [...WAITING] } }, orderBy: 'position', limit: MAX_PAGE_ROWS })
    .filter(({ position }) => projector.count(blocks, { position: { gt: position } }) >= STUCK_BLOCKS)
    .slice(0, MOST)
    .map(({ row }) => ({
      kind: 'channel-stuck',
      severity: 'critical',
      subjectKind: 'channel',
      subject: row.id,
      code: row.state,
      next: 'Look at the transaction: its fee may be too low (zennet wallet bump), or the chain is away.',
    }))

const parked = (projector: Projector): Alert[] =>
  projector
    .query(effects, { where: { state: 'parked' }, orderBy: 'began', descending: true, limit: MOST })
    .map(({ row }) => ({
      kind: 'effect-parked',
      severity: 'critical',
      subjectKind: 'effect',
      subject: row.id,
      ...(row.failure === undefined ? {} : { code: row.failure.code }),
      next: row.failure?.next ?? 'See zennet effects ls.',
    }))

const stopped = (projector: Projector): Alert[] =>
  projector.states().flatMap(({ name, stopped: why }) =>
    why === undefined || why.retrying
      ? []
      : [
          {
            kind: 'projection-stopped',
            severity: 'critical',
            subjectKind: 'projection',
            subject: name,
            code: why.code,
            next: 'See zennet projections, or restart the node.',
          },
        ],
  )

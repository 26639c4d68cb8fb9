import type { Refusal } from '../fact.ts'
import type { LeaseCommand, LeaseRefusal } from './commands.ts'
import type { LeaseContext } from './context.ts'
import type { EndCode } from './ends.ts'
import type { LeaseFact, Side } from './facts.ts'

/** One side's word that the lease is to end. */
export type Notice = {
  readonly by: Side
  readonly code: EndCode
  /** When it was written down, Unix ms. */
  readonly at: number
  /** When it is to end; absent: at once. */
  readonly endsAt?: number
  /** Taken back by who gave it. */
  readonly withdrawn?: true
}

/** The longest notice that may be agreed or given, ms. */
export const MAX_NOTICE_MS = 366 * 24 * 3_600_000

const dueAt = ({ at, endsAt = at }: Notice): number => endsAt

/** The newest notice of each side, and the one of them that stands and is due first. */
type Noticed = Pick<LeaseContext, 'notices' | 'notice'>

const standing = (notices: readonly Notice[]): Noticed => {
  const [notice] = notices.filter(({ withdrawn }) => !withdrawn).sort((a, b) => dueAt(a) - dueAt(b))
  return { notices, notice }
}

export const addNotice = (
  { notices }: Noticed,
  { by, code, at, endsAt }: Extract<LeaseFact, { type: 'lease.noticed' }>,
): Noticed =>
  standing([
    ...notices.filter((known) => known.by !== by),
    { by, code, at, ...(endsAt === undefined ? {} : { endsAt }) },
  ])

export const dropNotice = ({ notices }: Noticed, by: Side): Noticed =>
  standing(notices.map((known) => (known.by === by ? { ...known, withdrawn: true as const } : known)))

/** True when nothing new should be begun in a lease: it is over, or is to be at once. */
export const isEnding = ({ notice, end }: Pick<LeaseContext, 'notice' | 'end'>): boolean =>
  end !== undefined || (notice !== undefined && notice.endsAt === undefined)

/** True when this side said that it is to end at once, or it is over. */
export const isToldToEnd = ({ notices, end }: Pick<LeaseContext, 'notices' | 'end'>, by: Side): boolean =>
  end !== undefined || notices.some((own) => own.by === by && !own.withdrawn && own.endsAt === undefined)

/** Two clocks, and the way between them, ms: an end that comes so much before it was asked for is still what was asked for. */
const SKEW_MS = 10_000

/** True when the publisher wanted the lease to be over by now. */
export const hasAsked = ({ notices }: Pick<LeaseContext, 'notices'>, at: number): boolean =>
  notices.some((notice) => notice.by === 'publisher' && !notice.withdrawn && dueAt(notice) <= at + SKEW_MS)

type Command<K extends LeaseCommand['kind']> = Extract<LeaseCommand, { kind: K }>
type Decided = readonly LeaseFact[] | Refusal<LeaseRefusal>

/** A notice may be given by each side, and brought forward; to put it off, it is withdrawn and given again. */
export const giveNotice = ({ at, by, code, endsAt }: Command<'notice'>, context: LeaseContext): Decided => {
  const own = context.notices.find((known) => known.by === by && !known.withdrawn)
  // What the other side said takes nobody's own word away: it may say that it ends, and go on.
  if (isToldToEnd(context, by)) return []
  if (own?.endsAt !== undefined && endsAt !== undefined) {
    if (endsAt === own.endsAt) return []
    if (endsAt > own.endsAt) return { refused: 'notice-given', why: `its end at ${own.endsAt} was announced before` }
  }
  if (endsAt !== undefined && (endsAt < at || endsAt - at > MAX_NOTICE_MS))
    return { refused: 'bad-notice', why: `${endsAt - at} ms are no notice` }
  return [{ type: 'lease.noticed', at, by, code, ...(endsAt === undefined ? {} : { endsAt }) }]
}

export const withdrawNotice = ({ at, by }: Command<'withdraw-notice'>, context: LeaseContext): Decided => {
  const own = context.notices.find((known) => known.by === by && !known.withdrawn)
  if (own === undefined) return []
  if (isToldToEnd(context, by)) return { refused: 'ending', why: 'it ends already' }
  return [{ type: 'lease.notice-withdrawn', at, by }]
}

/** Of an agreed notice, the tenth part and a tick may be lost on the way between two clocks. */
const TOLERATED_PART = 10

/**
 * How an end counts that the provider chose: it agreed to say so before. Both sides judge by their own log, so a provider that says
 * nothing, or too late, is the culprit in both.
 */
export const chosenEnd = (code: EndCode, at: number, { terms, notices }: LeaseContext): EndCode => {
  const agreedMs = terms?.noticeMs ?? 0
  if (code !== 'stopped-by-provider' || terms === undefined || agreedMs === 0) return code
  const slackMs = agreedMs / TOLERATED_PART + terms.tickMs
  const given = notices.find(({ by, withdrawn }) => by === 'provider' && !withdrawn)
  if (given?.endsAt === undefined) return 'ended-without-notice'
  const isKept = given.endsAt - given.at >= agreedMs - slackMs && at >= given.endsAt - slackMs
  return isKept ? code : 'ended-without-notice'
}

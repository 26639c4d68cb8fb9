import type { Refusal } from '../fact.ts'
import type { Terms } from '../terms.ts'
import type { LeaseCommand, LeaseRefusal } from './commands.ts'
import type { LeaseContext } from './context.ts'
import type { EndCode } from './ends.ts'
import type { LeaseFact, Side } from './facts.ts'
import { isEnding } from './notice.ts'

/** Why a machine is paused, whose doing that is, and what to do. Codes are a contract: never reused, never renamed. */
export const PAUSES = {
  'asked-by-publisher': { by: 'publisher', next: 'Let it go on with zennet lease resume.' },
  'asked-by-provider': { by: 'provider', next: 'Wait: the provider lets it go on, or ends it.' },
  'owner-busy': { by: 'provider', next: 'Wait: it goes on when the owner of the machine needs less of it.' },
  'memory-short': { by: 'provider', next: 'Wait: it goes on when the owner’s machine has memory again.' },
  'outside-hours': { by: 'provider', next: 'Wait: it goes on in the hours in which the machine is lent out.' },
} as const satisfies Record<string, { by: Side; next: string }>

export type PauseCode = keyof typeof PAUSES

export const PAUSE_CODES = Object.keys(PAUSES) as PauseCode[]

/** The pause that a side asks for. */
export const OWN = { publisher: 'asked-by-publisher', provider: 'asked-by-provider' } as const satisfies Record<
  Side,
  PauseCode
>

/** One reason for which the machine stands still; it goes on when there is none left. */
export type Pause = { readonly code: PauseCode; readonly at: number }

/** The end of a lease that was paused for longer than agreed. @param pausedMs without a break */
export const pauseEnd = (
  pauses: readonly Pause[],
  { maxPauseMs = 0 }: Terms,
  pausedMs: number,
): { readonly code: EndCode; readonly why: string } | undefined => {
  if (pauses.length === 0 || pausedMs <= maxPauseMs) return undefined
  const byPublisher = pauses.some(({ code }) => PAUSES[code].by === 'publisher')
  return {
    code: byPublisher ? 'paused-too-long' : 'provider-paused-too-long',
    why: `a pause may be ${maxPauseMs} ms long`,
  }
}

/** Of the longest pause, the tenth part and a tick may be lost on the way between two clocks. */
const TOLERATED_PART = 10

/**
 * The same as the publisher's own log has it when its provider says so: it may not know yet that the machine stands still, as it wanted.
 * @param wantedMs for how long it has wanted that
 */
export const pauseEndByPublisher = (
  { terms, pauses, pauseWanted }: Pick<LeaseContext, 'terms' | 'pauses' | 'pauseWanted'>,
  { pausedMs, wantedMs }: { readonly pausedMs: number; readonly wantedMs: number },
): EndCode | undefined => {
  if (terms === undefined) return undefined
  const slackMs = (terms.maxPauseMs ?? 0) / TOLERATED_PART + pausedTickMs(terms)
  const own: Pause = { code: OWN.publisher, at: 0 }
  const all = pauseWanted ? [own, ...pauses] : pauses
  return pauseEnd(all, terms, Math.max(pausedMs, pauseWanted ? wantedMs : 0) + slackMs)?.code
}

/** While nothing is used, both still tell each other that they live, so often at the least, ms. */
const PAUSED_TICK_MS = 5_000

/** Milliseconds between two ticks of a paused machine. */
export const pausedTickMs = ({ tickMs, reconnectMs }: Terms): number =>
  Math.max(tickMs, Math.min(PAUSED_TICK_MS, Math.floor(reconnectMs / 4)))

type Folded = Pick<LeaseContext, 'pauses' | 'pausedSince' | 'pauseWanted'>

/** In logs of before providers wrote down their wish, the pause that they ask for is the wish, while it lasts. */
const isWish = ({ side, pauseWishTold }: LeaseContext, code: PauseCode): boolean =>
  side === 'provider' && !pauseWishTold && code === OWN.provider

/** One reason more. */
export const foldPause = (
  context: LeaseContext,
  { at, code }: Extract<LeaseFact, { type: 'lease.paused' }>,
): Folded => {
  const { pauses, pausedSince, pauseWanted } = context
  const isNew = !pauses.some((known) => known.code === code)
  return {
    pauses: isNew ? [...pauses, { code, at }] : pauses,
    pausedSince: pausedSince ?? at,
    pauseWanted: pauseWanted || isWish(context, code),
  }
}

export const foldResume = (context: LeaseContext, { code }: Extract<LeaseFact, { type: 'lease.resumed' }>): Folded => {
  const { pauses, pausedSince, pauseWanted } = context
  const left = pauses.filter((known) => known.code !== code)
  return {
    pauses: left,
    pausedSince: left.length === 0 ? undefined : pausedSince,
    pauseWanted: pauseWanted && !isWish(context, code),
  }
}

type Command<K extends LeaseCommand['kind']> = Extract<LeaseCommand, { kind: K }>
type Decided = readonly LeaseFact[] | Refusal<LeaseRefusal>

export const wantPause = ({ at, paused }: Command<'want-pause'>, context: LeaseContext): Decided => {
  if (context.pauseWanted === paused) return []
  if (paused ? isEnding(context) : context.end) return { refused: 'ending', why: 'the end was asked for' }
  if (paused && context.terms?.maxPauseMs === undefined) return notAgreed
  return [{ type: 'lease.pause-wanted', at, paused }]
}

const notAgreed: Refusal<LeaseRefusal> = {
  refused: 'pause-not-agreed',
  why: 'the terms of this lease have no pause in them',
}

export const pause = ({ at, code }: Command<'pause'>, { terms, pauses }: LeaseContext): Decided => {
  if (pauses.some((known) => known.code === code)) return []
  return terms?.maxPauseMs === undefined ? notAgreed : [{ type: 'lease.paused', at, code }]
}

/** One reason less; the others are said again, for the chart knows no conditions. */
export const resume = ({ at, code }: Command<'resume'>, { pauses }: LeaseContext): Decided => {
  if (!pauses.some((known) => known.code === code)) return []
  const others = pauses.filter((known) => known.code !== code)
  return [
    { type: 'lease.resumed', at, code },
    ...others.map((other): LeaseFact => ({ type: 'lease.paused', at, code: other.code })),
  ]
}

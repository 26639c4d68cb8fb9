import { type LeaseState, stageOf } from '../../../../domain/lease/lease.ts'
import { deadlineMsOf } from '../../../../domain/lease/stage.ts'
import type { Step } from './path.ts'

/** What happens when nothing else does: `at`, Unix ms, or at a height of the chain. */
export type Deadline = { readonly what: string; readonly at?: number; readonly height?: number }

const SECOND_US = 1_000n

/** When the present stage began. */
const stageSince = (steps: readonly Step[], first: number): number => {
  const stage = (path: string): string => path.split('.')[0]!
  for (let i = steps.length - 1; i >= 0; i--) if (stage(steps[i]!.from) !== stage(steps[i]!.to)) return steps[i]!.at
  return first
}

/**
 * Every clock that runs in this state.
 *
 * @param steps all that led to it
 * @param first when the lease began, Unix ms
 * @param newest when its newest fact was written, Unix ms
 */
export const deadlinesOf = (
  state: LeaseState,
  steps: readonly Step[],
  first: number,
  newest: number,
): readonly Deadline[] => {
  const since = stageSince(steps, first)
  const { context } = state
  const { terms, notice, pausedSince, usage, end } = context
  const found: Deadline[] = []
  const stage = stageOf(state)
  const ms = deadlineMsOf(stage)
  if (Number.isFinite(ms)) found.push({ what: `the stage ${stage} lapses`, at: since + ms })
  if (terms === undefined) return found
  if (stage === 'meter') {
    const leftMs = terms.maxDurationMs - Number(usage.wallUs / SECOND_US)
    found.push({ what: 'the agreed duration is reached', at: newest + Math.max(0, leftMs) })
    if (notice !== undefined)
      found.push({ what: `it ends by the ${notice.by}’s notice`, at: notice.endsAt ?? notice.at })
    if (pausedSince !== undefined && terms.maxPauseMs !== undefined)
      found.push({ what: 'the longest pause is over', at: pausedSince + terms.maxPauseMs })
    if (state.matches({ meter: 'starved' }))
      found.push({ what: 'who cannot be reached is given up', at: (steps.at(-1)?.at ?? since) + terms.reconnectMs })
  }
  if (stage === 'settle' && end !== undefined && !context.released)
    found.push({ what: 'the machine’s data is removed', at: end.at + terms.dataGraceMs })
  if (stage === 'meter' || stage === 'settle')
    found.push({ what: 'the publisher may take the deposit back', height: terms.channel.expiryHeight })
  return found
}

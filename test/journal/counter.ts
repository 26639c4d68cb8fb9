import type { Decider } from '../../domain/decider.ts'

export const STREAM = 'counter-a'

type Rose = { readonly type: 'counter.rose'; readonly at: number }
type Counted = { readonly count: number }

const isCounted = (value: unknown): value is Counted => typeof value === 'object' && value !== null && 'count' in value

/** The smallest decider whose states can be kept: each command is counted. */
export const counter: Decider<{ readonly at: number }, Counted, Rose, 'never'> = {
  initial: { count: 0 },
  decide: ({ at }) => [{ type: 'counter.rose', at }],
  evolve: ({ count }) => ({ count: count + 1 }),
  keeping: {
    fingerprint: 'counts',
    freeze: (state) => state,
    thaw: (frozen) => (isCounted(frozen) ? frozen : undefined),
  },
}

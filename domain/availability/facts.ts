/** Why nothing new is lent out, and what runs stands still, although the provider's node runs. */
export const CLOSED = ['outside-hours', 'owner-busy', 'memory-short'] as const
export type Closed = (typeof CLOSED)[number]

/** When this provider's machine was lent out; one stream, `lending`. */
export type LendingFact =
  /** A node begins to lend. Since the fact before, whatever that was, nothing was lent. */
  | { readonly type: 'lending.began'; readonly at: number }
  /** It still runs, and from now on it lends, or does not for this reason. Written each `KEEP_MS`, and when that changes. */
  | { readonly type: 'lending.kept'; readonly at: number; readonly closed?: Closed }
  /** It stops in order. */
  | { readonly type: 'lending.ended'; readonly at: number }

export const LENDING_STREAM = 'lending'

/** How often `lending.kept` is written at the least, ms: what a crash leaves uncounted at the most. */
export const KEEP_MS = 300_000
/** Between two facts that are further apart than this, ms, the node did not run, whatever they say: the machine slept. */
export const MOST_GAP_MS = 2 * KEEP_MS
/** Something that was written down as worse is over only when it was better for so long, ms: two facts a minute at the most. */
export const SETTLED_MS = 60_000

/** What can have happened to a claim: the right of one node, of all that share a log, to do a certain work. Stream `claim-<name>`. */
export type ClaimFact =
  /** `owner` has it from here on: it was free, or its owner had not been heard of for `ttlMs`. */
  | {
      readonly type: 'claim.taken'
      readonly at: number
      readonly owner: string
      /** So long must an owner be silent before another may take over, ms of the other's steady clock. */
      readonly ttlMs: number
    }
  /** Its owner has no more use for it. */
  | { readonly type: 'claim.released'; readonly at: number; readonly owner: string }

/** An owner lives. Of a stream of its own for each owner, so that it does not touch the version of any claim. */
export type BeatFact = { readonly type: 'claim.renewed'; readonly at: number }

export const claimStream = (name: string): string => `claim-${name}`
export const beatStream = (owner: string): string => `claim-beat-${owner}`

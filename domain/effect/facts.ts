/**
 * What can have happened to an effect: something that is to be done in the world because of other facts. Stream `effect-<id>`, begun
 * in the unit of the facts that ask for it, so that there is never one without the other.
 */
export type EffectFact =
  /** `kind` says who does it (`kinds.ts`), `subject` to what: effects for one subject are done one after the other. */
  | { readonly type: 'effect.asked'; readonly at: number; readonly kind: string; readonly subject: string }
  | { readonly type: 'effect.done'; readonly at: number }
  /**
   * It failed so often that it waits for somebody. Attempts are not written down one by one. `code` and `next` are of the last fault:
   * its message may name people and places, and stays in the node's own log.
   */
  | {
      readonly type: 'effect.parked'
      readonly at: number
      readonly attempts: number
      readonly code: string
      /** What a person can do about it, at most `MAX_NEXT_TEXT` characters. */
      readonly next: string
    }
  /** Somebody wants it tried again. Says what it is once more: whoever follows need not remember what is parked. */
  | { readonly type: 'effect.replayed'; readonly at: number; readonly kind: string; readonly subject: string }
  /** Somebody has decided that it will not be done. */
  | { readonly type: 'effect.dropped'; readonly at: number }

/** Characters of `next` that are kept. */
export const MAX_NEXT_TEXT = 300

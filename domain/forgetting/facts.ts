/** What can have happened to what is known of somebody. One fact, in a stream of its own for each subject. */
export type ForgettingFact =
  /** The subject's personal fields are not to be read again: its key is deleted by every node that reads this. */
  {
    readonly type: 'subject.forgotten'
    readonly at: number
    /** The stream whose facts it is about: `lease-<id>`, `announcement-<txid>`. */
    readonly subject: string
  }

/** Not the subject's own stream: that may be archived, and its chart need not know of forgetting. */
export const forgottenStream = (subject: string): string => `forgotten-${subject}`

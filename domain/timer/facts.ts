/** What can have happened to a timer: an effect that is asked for when its time has come. Stream `timer-<key>`. */
export type TimerFact =
  /** When `due` (Unix ms) has come, the effect `kind` is asked for `subject`. Set again, it is moved. */
  | {
      readonly type: 'timer.set'
      readonly at: number
      readonly due: number
      readonly kind: string
      readonly subject: string
    }
  /** In the unit in which the effect was asked for. */
  | { readonly type: 'timer.fired'; readonly at: number }
  /** There is no use for it any more. */
  | { readonly type: 'timer.cancelled'; readonly at: number }

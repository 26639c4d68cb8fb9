/** What leases got of what they were to get. */
export type Served = {
  /** From when a machine was open and paid for until the end, ms, of all leases together. */
  readonly servedMs: number
  /** Thousandths of that in which it was neither paused nor shrunk by the provider, whose node ran; absent where nothing was served. */
  readonly fullPermille?: number
  /** Leases that were funded; and that ended by what the provider answers for, or because it fell silent. */
  readonly leases: number
  readonly broken: number
}

/** The same of a time that ends now. */
export type Span = Served & {
  /** Over how long all of it was taken, ms: not the whole of the time while less is known. */
  readonly spanMs: number
  /** Thousandths of that in which the node ran and lent the machine out, or had it leased. */
  readonly lentPermille: number
}

/** How available a provider's machine was, as it says itself. */
export type Availability = {
  /** Of the last 7 and 30 days. */
  readonly week: Span
  readonly month: Span
  /** Thousandths lent out, by hour of the week, of the last 30 days: 168 of them from Monday 00:00 UTC on; null where nothing is known. */
  readonly hoursOfWeek: readonly (number | null)[]
}

export const HOURS_OF_WEEK = 168
export const HOUR_MS = 3_600_000
export const WEEK_MS = HOURS_OF_WEEK * HOUR_MS
export const MONTH_MS = 30 * 24 * HOUR_MS

/** The first hour of the epoch was that of a Thursday. */
export const hourOfWeek = (hour: number): number => (hour + 3 * 24) % HOURS_OF_WEEK

/** Rounded down: what was not quite always is not always. */
export const permille = (part: number, whole: number): number =>
  Math.max(0, Math.min(1_000, Math.floor((part * 1_000) / whole)))

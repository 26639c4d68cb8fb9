import {
  type Availability,
  HOUR_MS,
  HOURS_OF_WEEK,
  hourOfWeek,
  MONTH_MS,
  permille,
  type Served,
  type Span,
  WEEK_MS,
} from './availability.ts'

const COUNTED = ['lentMs', 'servedMs', 'fullMs', 'leases', 'broken'] as const
type Counted = (typeof COUNTED)[number]
type Tally = Record<Counted, number>

const none = (): Tally => ({ lentMs: 0, servedMs: 0, fullMs: 0, leases: 0, broken: 0 })

/** As data: for each hour since the epoch what was counted in it, in the order of `COUNTED`. */
export type FrozenTallies = readonly (readonly number[])[]

/** What was counted of each hour, of the newest 30 days. A time before them is left out. */
export class Tallies {
  readonly #hours = new Map<number, Tally>()
  #newest = 0

  /** One more, at that time. */
  count(what: 'leases' | 'broken', at: number): void {
    this.#add(what, Math.floor(at / HOUR_MS), 1)
  }

  /** The time from `from` to `to`, Unix ms; nothing when the clock went back in between. */
  spend(what: 'lentMs' | 'servedMs' | 'fullMs', from: number, to: number): void {
    for (let at = Math.max(from, to - MONTH_MS); at < to; ) {
      const hour = Math.floor(at / HOUR_MS)
      const end = Math.min(to, (hour + 1) * HOUR_MS)
      this.#add(what, hour, end - at)
      at = end
    }
  }

  /** Of whole hours: the window begins with the hour that it begins in. */
  served(now: number, windowMs = MONTH_MS): Served {
    const { servedMs, fullMs, leases, broken } = this.#sum(beginOf(now, windowMs))
    return { servedMs, ...(servedMs > 0 ? { fullPermille: permille(fullMs, servedMs) } : {}), leases, broken }
  }

  /** @param since when counting began, before `now` */
  availability(since: number, now: number): Availability {
    const span = (windowMs: number): Span => {
      const from = Math.max(since, beginOf(now, windowMs))
      const { lentMs } = this.#sum(beginOf(now, windowMs))
      const spanMs = now - from
      return { spanMs, lentPermille: permille(lentMs, spanMs), ...this.served(now, windowMs) }
    }
    return { week: span(WEEK_MS), month: span(MONTH_MS), hoursOfWeek: this.#hoursOfWeek(since, now) }
  }

  #hoursOfWeek(since: number, now: number): (number | null)[] {
    const lent = Array.from({ length: HOURS_OF_WEEK }, () => 0)
    const known = [...lent]
    const from = Math.max(since, beginOf(now, MONTH_MS))
    for (let hour = Math.floor(from / HOUR_MS); hour * HOUR_MS < now; hour++) {
      const at = hourOfWeek(hour)
      known[at]! += Math.min(now, (hour + 1) * HOUR_MS) - Math.max(from, hour * HOUR_MS)
      lent[at]! += this.#hours.get(hour)?.lentMs ?? 0
    }
    return known.map((ms, at) => (ms === 0 ? null : permille(lent[at]!, ms)))
  }

  #sum(from: number): Tally {
    const sum = none()
    for (const [hour, tally] of this.#hours) {
      if (hour * HOUR_MS < from) continue
      for (const what of COUNTED) sum[what] += tally[what]
    }
    return sum
  }

  #add(what: Counted, hour: number, more: number): void {
    const oldest = this.#newest - MONTH_MS / HOUR_MS
    if (hour < oldest) return
    const tally = this.#hours.get(hour) ?? none()
    tally[what] += more
    this.#hours.set(hour, tally)
    if (hour <= this.#newest) return
    this.#newest = hour
    for (const known of this.#hours.keys()) if (known < hour - MONTH_MS / HOUR_MS) this.#hours.delete(known)
  }

  freeze(): FrozenTallies {
    return [...this.#hours].map(([hour, tally]) => [hour, ...COUNTED.map((what) => tally[what])])
  }

  static thaw(frozen: FrozenTallies): Tallies {
    const tallies = new Tallies()
    for (const [hour = 0, ...counts] of frozen)
      COUNTED.forEach((what, index) => {
        tallies.#add(what, hour, counts[index] ?? 0)
      })
    return tallies
  }
}

const beginOf = (now: number, windowMs: number): number => Math.floor((now - windowMs) / HOUR_MS) * HOUR_MS

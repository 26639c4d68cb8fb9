import {
  type DayBudget,
  dayOf,
  emptyBudget,
  giveBack,
  leftSats,
  onDay,
  release,
  spentOn,
  take,
  takeLast,
} from '../../../domain/lease/budget.ts'
import type { LeaseState } from '../../../domain/lease/lease.ts'
import type { Clock } from '../../clock/port.ts'

/** What this publisher's leases cost today, and may. Taken before a voucher is written down, so that the limit is never passed. */
export class Spending {
  readonly #clock: Pick<Clock, 'now'>
  #budget: DayBudget

  /** @param limitSats the most in one day of UTC, over all leases; absent: no limit */
  constructor(clock: Pick<Clock, 'now'>, limitSats?: bigint) {
    this.#clock = clock
    this.#budget = emptyBudget(dayOf(clock.now()), limitSats)
  }

  /** From the log, at a start: each lease once. */
  recall(context: LeaseState['context']): void {
    const { day, spentSats } = this.today()
    this.#budget = { ...this.#budget, spentSats: spentSats + spentOn(day, context) }
  }

  today(): DayBudget {
    this.#budget = onDay(this.#budget, dayOf(this.#clock.now()))
    return this.#budget
  }

  /** What a lease may still take today; undefined where there is no limit. */
  left(leaseId?: string): bigint | undefined {
    return leftSats(this.today(), leaseId)
  }

  /** @returns false when there is not so much left, besides what the lease may owe in the end */
  take(leaseId: string, sats: bigint, reserve: bigint): boolean {
    return this.#set(take(this.today(), leaseId, sats, reserve))
  }

  takeLast(leaseId: string, sats: bigint): boolean {
    return this.#set(takeLast(this.today(), leaseId, sats))
  }

  /** It was not spent after all. */
  giveBack(sats: bigint): void {
    this.#budget = giveBack(this.today(), sats)
  }

  /** Nothing more comes of a lease. */
  release(leaseId: string): void {
    if (this.#budget.reserves.has(leaseId)) this.#budget = release(this.#budget, leaseId)
  }

  #set(budget: DayBudget | undefined): boolean {
    if (budget) this.#budget = budget
    return budget !== undefined
  }
}

import {
  type DayBudget,
  dayOf,
  emptyBudget,
  giveBack,
  leftSats,
  onDay,
  release,
  spend,
  spentOn,
  take,
  takeLast,
} from '../../../domain/lease/budget.ts'
import type { LeaseState } from '../../../domain/lease/lease.ts'
import type { Clock } from '../../clock/port.ts'

/** A voucher that is about to be written down: what the log says was paid before it, and what it says, sats in all. */
export type Step = { readonly from: bigint; readonly to: bigint }

/** What this publisher's leases cost today, and may. Taken before a voucher is written down, so that the limit is never passed. */
export class Spending {
  readonly #clock: Pick<Clock, 'now'>
  #budget: DayBudget
  /** By lease, the newest voucher that is counted: the log may not have taken it. */
  readonly #counted = new Map<string, { readonly day: number; readonly sats: bigint }>()

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
  take(leaseId: string, step: Step, reserve: bigint): boolean {
    return this.#count(leaseId, step, (budget, sats) => take(budget, leaseId, sats, reserve))
  }

  takeLast(leaseId: string, step: Step): boolean {
    return this.#count(leaseId, step, (budget, sats) => takeLast(budget, leaseId, sats))
  }

  /** It is paid, whether there is room for it or not. */
  spend(leaseId: string, step: Step): void {
    this.#count(leaseId, step, spend)
  }

  /** What was counted beyond what the log says was paid in a lease was not spent after all. */
  correct(leaseId: string, paidSats: bigint): void {
    const counted = this.#counted.get(leaseId)
    this.#counted.delete(leaseId)
    const budget = this.today()
    if (counted?.day === budget.day && counted.sats > paidSats) this.#budget = giveBack(budget, counted.sats - paidSats)
  }

  /** Nothing more comes of a lease. */
  release(leaseId: string, paidSats: bigint): void {
    this.correct(leaseId, paidSats)
    if (this.#budget.reserves.has(leaseId)) this.#budget = release(this.#budget, leaseId)
  }

  /** A voucher may be counted that the log did not take; the next one goes on from what it did take. */
  #count(
    leaseId: string,
    { from, to }: Step,
    more: (budget: DayBudget, sats: bigint) => DayBudget | undefined,
  ): boolean {
    this.correct(leaseId, from)
    const budget = more(this.today(), to - from)
    if (budget === undefined) return false
    this.#budget = budget
    this.#counted.set(leaseId, { day: budget.day, sats: to })
    return true
  }
}

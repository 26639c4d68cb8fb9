import type { LeaseState } from '../../domain/lease/lease.ts'
import type { Clock } from '../clock/port.ts'
import { steadySince } from './steady-since.ts'

/** How long a lease is paused without a break, by the steady clock: the wall clock is asked once for each pause. */
export class PausedTime {
  readonly #clock: Clock
  readonly #known = new Map<string, { readonly since: number; readonly sinceUs: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** 0 while it is not paused. */
  ms({ leaseId, pausedSince: since }: LeaseState['context']): number {
    if (since === undefined) {
      this.#known.delete(leaseId)
      return 0
    }
    const known = this.#known.get(leaseId)
    const { sinceUs } = known?.since === since ? known : { sinceUs: steadySince(this.#clock, since) }
    this.#known.set(leaseId, { since, sinceUs })
    return (this.#clock.steadyUs() - sinceUs) / 1_000
  }

  forget(leaseId: string): void {
    this.#known.delete(leaseId)
  }
}

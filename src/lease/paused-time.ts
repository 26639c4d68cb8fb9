import type { LeaseState } from '../../domain/lease/lease.ts'
import type { Clock } from '../clock/port.ts'
import { steadySince } from './steady-since.ts'

const wanted = (leaseId: string): string => `${leaseId} wanted`

/** How long a lease is paused without a break, by the steady clock: the wall clock is asked once for each pause. */
export class PausedTime {
  readonly #clock: Clock
  readonly #known = new Map<string, { readonly since: number; readonly sinceUs: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** 0 while it is not paused. */
  ms({ leaseId, pausedSince }: LeaseState['context']): number {
    return this.#ms(leaseId, pausedSince)
  }

  /** For how long this side has wanted that; 0 while it does not. */
  wantedMs({ leaseId, pauseWantedAt }: LeaseState['context']): number {
    return this.#ms(wanted(leaseId), pauseWantedAt)
  }

  forget(leaseId: string): void {
    this.#known.delete(leaseId)
    this.#known.delete(wanted(leaseId))
  }

  #ms(key: string, since: number | undefined): number {
    if (since === undefined) {
      this.#known.delete(key)
      return 0
    }
    const known = this.#known.get(key)
    const { sinceUs } = known?.since === since ? known : { sinceUs: steadySince(this.#clock, since) }
    this.#known.set(key, { since, sinceUs })
    return (this.#clock.steadyUs() - sinceUs) / 1_000
  }
}

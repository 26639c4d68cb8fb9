import type { LeaseState } from '../../../domain/lease/lease.ts'
import { elapsedOf } from '../../../domain/usage.ts'
import type { Clock } from '../../clock/port.ts'
import { steadySince } from '../steady-since.ts'

type Served = { readonly sinceUs: number; untilUs: number | undefined }

/**
 * How long leases were served, by the steady clock: a wall clock that goes back must not make an honest bill impossible, nor one that
 * goes ahead a false one possible. The wall clock is asked when a lease is first seen by this process, and not again; what was accepted
 * before did go by, whatever it says.
 */
export class ServedTime {
  readonly #clock: Clock
  readonly #known = new Map<string, Served>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** From the first tick until now, or until the end, µs; 0 when it is not served yet. */
  elapsedUs(context: LeaseState['context']): bigint {
    const { leaseId, servingSince, end } = context
    if (servingSince === undefined) return 0n
    const nowUs = this.#clock.steadyUs()
    const known = this.#known.get(leaseId) ?? this.#begin(servingSince, context)
    this.#known.set(leaseId, known)
    if (end) known.untilUs ??= nowUs
    return BigInt(Math.max(0, Math.floor((known.untilUs ?? nowUs) - known.sinceUs)))
  }

  forget(leaseId: string): void {
    this.#known.delete(leaseId)
  }

  #begin(servingSince: number, { end, usage }: LeaseState['context']): Served {
    const acceptedUs = Number(elapsedOf(usage))
    const sinceUs = Math.min(steadySince(this.#clock, servingSince), this.#clock.steadyUs() - acceptedUs)
    const untilUs = end && sinceUs + Math.max(acceptedUs, (end.at - servingSince) * 1_000)
    return { sinceUs, untilUs }
  }
}

import { best, type Candidate } from '../../../domain/pick.ts'
import type { Clock } from '../../clock/port.ts'

type Waiting = { readonly candidate: Candidate; readonly answer: (taken: boolean) => void }

/**
 * Takes the best `count` offers for one announcement. Offers are collected for a moment after the first; then the best are taken,
 * and the others wait as a reserve until all places are filled for good.
 */
export class Picker {
  readonly #count: number
  readonly #windowMs: number
  readonly #clock: Clock
  readonly #waiting = new Map<string, Waiting>()
  readonly #taken = new Set<string>()
  readonly #filled: Set<string>
  #open = false
  #opening = false

  /** @param filled leases that hold a place already */
  constructor(options: { count: number; windowMs: number; clock: Clock; filled: Iterable<string> }) {
    this.#count = options.count
    this.#windowMs = options.windowMs
    this.#clock = options.clock
    this.#filled = new Set(options.filled)
  }

  get full(): boolean {
    return this.#filled.size >= this.#count
  }

  /** An offer was taken and may yet be funded. */
  get busy(): boolean {
    return this.#taken.size > 0
  }

  /** Resolves with true when the offer is taken, and with false when others have filled all places. */
  async consider(candidate: Candidate): Promise<boolean> {
    if (this.full) return false
    const answer = new Promise<boolean>((resolve) => {
      this.#waiting.set(candidate.leaseId, { candidate, answer: resolve })
    })
    if (this.#open) this.#take()
    else if (!this.#opening) {
      this.#opening = true
      void this.#clock.sleep(this.#windowMs).then(() => {
        this.#open = true
        this.#take()
      })
    }
    return await answer
  }

  /** A taken offer became a funded lease. */
  fill(leaseId: string): void {
    this.#taken.delete(leaseId)
    this.#waiting.delete(leaseId)
    this.#filled.add(leaseId)
    if (!this.full) return
    for (const { answer } of this.#waiting.values()) answer(false)
    this.#waiting.clear()
  }

  /** An offer that was taken came to nothing, or one that waited went away: its place goes to the next best. */
  drop(leaseId: string): void {
    this.#waiting.get(leaseId)?.answer(false)
    this.#waiting.delete(leaseId)
    if (this.#taken.delete(leaseId)) this.#take()
  }

  #take(): void {
    const free = this.#count - this.#filled.size - this.#taken.size
    const reserve = [...this.#waiting.values()].map((one) => one.candidate)
    for (const { leaseId } of best(reserve, Math.max(0, free))) {
      this.#taken.add(leaseId)
      this.#waiting.get(leaseId)?.answer(true)
      this.#waiting.delete(leaseId)
    }
  }
}

import type { Notice } from '../../domain/lease/notice.ts'
import type { Clock } from '../clock/port.ts'

/**
 * When a notice is over, by the steady clock from the moment that it was first seen: who sets the wall clock ahead ends nothing early.
 * After a restart the wall clock alone knows.
 */
export class NoticeClock {
  readonly #clock: Pick<Clock, 'now' | 'steadyUs'>
  #seen: { readonly at: number; readonly by: string; readonly dueUs: number } | undefined

  constructor(clock: Pick<Clock, 'now' | 'steadyUs'>) {
    this.#clock = clock
  }

  /** How long until then, ms; 0 when it is over. */
  leftMs({ at, by, endsAt = at }: Notice): number {
    if (this.#seen?.at !== at || this.#seen.by !== by) {
      const dueUs = this.#clock.steadyUs() + Math.max(0, endsAt - this.#clock.now()) * 1_000
      this.#seen = { at, by, dueUs }
    }
    return Math.max(0, (this.#seen.dueUs - this.#clock.steadyUs()) / 1_000)
  }

  /** For how long it has been over, ms. */
  overMs(notice: Notice): number {
    return this.leftMs(notice) > 0 ? 0 : (this.#clock.steadyUs() - this.#seen!.dueUs) / 1_000
  }
}

import type { Clock } from '../clock/port.ts'
import { JUMP_MS } from './port.ts'

/** Looks whether the wall clock was set, or the machine slept: then it goes on by more or less than the steady one. */
export class Jumps {
  readonly #clock: Clock
  #apartMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#apartMs = this.#measure()
  }

  /** @returns by how many ms the wall clock went ahead, or back, of the steady one since the last look; 0 when it is no jump */
  look(): number {
    const apartMs = this.#measure()
    const jumpMs = Math.round(apartMs - this.#apartMs)
    this.#apartMs = apartMs
    return Math.abs(jumpMs) < JUMP_MS ? 0 : jumpMs
  }

  #measure(): number {
    return this.#clock.now() - this.#clock.steadyUs() / 1_000
  }
}

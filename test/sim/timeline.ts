import type { Dice } from './dice.ts'

export type Cancel = () => void

/** Whole microseconds that came through a division are a little more or less than whole: that must not make them one more. */
const LESS_THAN_ONE = 1e-4

type Event = { readonly atUs: number; readonly tie: number; readonly serial: number; work: (() => void) | undefined }

/** A turn of the event loop after so many events: only there does Node say which rejected promises nobody has taken up. */
const EVENTS_PER_TURN = 16

/**
 * The time of a world. Nothing in it happens but by events, in the order of their times; which of two at the same time comes first, the
 * seed decides. After each event everything that follows from it without waiting is done before the next one.
 */
export class Timeline {
  /** Microseconds since the world began. */
  nowUs = 0
  events = 0
  readonly #dice: Dice
  readonly #heap: Event[] = []
  #serial = 0

  constructor(dice: Dice) {
    this.#dice = dice
  }

  /** Does `work` in `ms`, or later when there is no whole microsecond. */
  after(ms: number, work: () => void): Cancel {
    const atUs = this.nowUs + Math.max(0, Math.ceil(ms * 1_000 - LESS_THAN_ONE))
    const event: Event = { atUs, tie: this.#dice.next(), serial: this.#serial++, work }
    this.#push(event)
    return () => {
      event.work = undefined
    }
  }

  /**
   * Lets time go by until `untilUs`, or until `step`, asked after each event, says that it is enough.
   * @returns whether it was enough
   */
  async run(untilUs: number, step: () => boolean): Promise<boolean> {
    // Whoever called: in an event's own callback, Node would do what `nextTick` was given before what the promises ask for.
    await turned()
    for (;;) {
      if (step()) return true
      const next = this.#heap[0]
      if (next === undefined || next.atUs > untilUs) break
      this.#pop()
      const { work } = next
      if (work === undefined) continue
      this.nowUs = next.atUs
      work()
      this.events += 1
      await (this.events % EVENTS_PER_TURN === 0 ? turned() : drained())
    }
    this.nowUs = Math.max(this.nowUs, untilUs)
    return false
  }

  #push(event: Event): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(event)
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!isBefore(event, heap[above]!)) break
      heap[at] = heap[above]!
      at = above
    }
    heap[at] = event
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()!
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below += 1
      if (!isBefore(heap[below]!, last)) break
      heap[at] = heap[below]!
      at = below
    }
    heap[at] = last
  }
}

const isBefore = (a: Event, b: Event): boolean =>
  a.atUs !== b.atUs ? a.atUs < b.atUs : a.tie !== b.tie ? a.tie < b.tie : a.serial < b.serial

/** Node runs what `nextTick` was given once no microtask is left, those that came of others included. */
const drained = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve))
const turned = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

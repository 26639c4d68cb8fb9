import { Fault } from '../../domain/fault.ts'

/** Commands that may wait for one stream; one more is refused with `journal.busy`. */
export const MAX_MAILBOX = 10_000

type Box = { tail: Promise<unknown>; waiting: number }

/** One thing at a time per stream, in the order of arrival. */
export class Mailboxes {
  readonly #boxes = new Map<string, Box>()

  /**
   * Runs `work` when everything that came before it for any of `streams` is over. All places are taken in one step, so two
   * units that share streams cannot wait for each other.
   * @throws Fault `journal.busy`
   */
  enter<T>(streams: readonly string[], work: () => Promise<T>): Promise<T> {
    const boxes = streams.map((stream) => this.#boxes.get(stream) ?? { tail: Promise.resolve(), waiting: 0 })
    if (boxes.some((box) => box.waiting >= MAX_MAILBOX)) {
      return Promise.reject(new Fault('journal.busy', `too many commands wait for ${streams.join(', ')}`))
    }
    const result = Promise.all(boxes.map((box) => box.tail)).then(work)
    const over = result.then(
      () => this.#leave(streams, boxes),
      () => this.#leave(streams, boxes),
    )
    for (const [i, box] of boxes.entries()) {
      box.tail = over
      box.waiting += 1
      this.#boxes.set(streams[i]!, box)
    }
    return result
  }

  #leave(streams: readonly string[], boxes: readonly Box[]): void {
    for (const [i, box] of boxes.entries()) {
      box.waiting -= 1
      if (box.waiting === 0) this.#boxes.delete(streams[i]!)
    }
  }
}

import { passes } from './follow.ts'
import type { Filter, Position } from './port.ts'

type Waiter = { readonly after: Position; readonly wanted: Filter | undefined; readonly wake: () => void }
/** What a commit appended. */
export type Appended = readonly { readonly stream: string; readonly facts: readonly { readonly type: string }[] }[]

/** Wakes those who wait for the log to grow. */
export class Bell {
  #waiters = new Set<Waiter>()
  #head: Position

  constructor(head: Position) {
    this.#head = head
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiters.size
  }

  /** @param appended all that is new since the last ring, where it is known */
  ring(head: Position, appended?: Appended): void {
    this.#head = Math.max(this.#head, head)
    for (const { after, wanted, wake } of this.#waiters)
      if (after < this.#head && (!wanted || !appended || isIn(appended, wanted))) wake()
  }

  /** Wakes everybody, whatever they wait for: the log was closed, or failed, and they must look. */
  ringAll(): void {
    for (const waiter of this.#waiters) waiter.wake()
  }

  /** Resolves when the head is after `after`, at `ringAll`, or when `signal` is aborted. @param wanted only facts that pass matter */
  beyond(after: Position, signal: AbortSignal, wanted?: Filter): Promise<void> {
    if (this.#head > after || signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiters.delete(waiter)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      const waiter: Waiter = { after, wanted, wake }
      this.#waiters.add(waiter)
      signal.addEventListener('abort', wake, { once: true })
    })
  }
}

const isIn = (appended: Appended, wanted: Filter): boolean =>
  appended.some(({ stream, facts }) => facts.some(({ type }) => passes(wanted, stream, type)))

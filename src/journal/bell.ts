import type { Position } from './port.ts'

type Waiter = { readonly after: Position; readonly wake: () => void }

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

  ring(head: Position): void {
    this.#head = Math.max(this.#head, head)
    for (const waiter of this.#waiters) if (waiter.after < this.#head) waiter.wake()
  }

  /** Wakes everybody, whatever they wait for: the log was closed, or failed, and they must look. */
  ringAll(): void {
    for (const waiter of this.#waiters) waiter.wake()
  }

  /** Resolves when the head is after `after`, at `ringAll`, or when `signal` is aborted. */
  beyond(after: Position, signal: AbortSignal): Promise<void> {
    if (this.#head > after || signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiters.delete(waiter)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      const waiter: Waiter = { after, wake }
      this.#waiters.add(waiter)
      signal.addEventListener('abort', wake, { once: true })
    })
  }
}

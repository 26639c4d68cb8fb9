/** One at a time for each name in this process, in the order of asking. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>()

  /** @returns what lets the next one go on. @throws the signal's reason when it is aborted first */
  async take(name: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    const before = this.#last.get(name) ?? Promise.resolve()
    const { promise, resolve } = Promise.withResolvers<void>()
    const mine = before.then(() => promise)
    this.#last.set(name, mine)
    void mine.then(() => {
      if (this.#last.get(name) === mine) this.#last.delete(name)
    })
    const aborted = Promise.withResolvers<never>()
    const abort = () => aborted.reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    try {
      await Promise.race([before, aborted.promise])
    } catch (error) {
      resolve()
      throw error
    } finally {
      signal.removeEventListener('abort', abort)
    }
    return resolve
  }
}

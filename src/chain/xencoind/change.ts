/** "Something changed": wakes everyone who waits, carries nothing. Who is woken reads the state, so nothing is queued. */
export interface Change {
  fire(): void
  /** Resolves at the next `fire`, or when `signal` is aborted. Registered before it returns: no change is missed. */
  wait(signal: AbortSignal): Promise<void>
}

export const newChange = (): Change => {
  const waiting = new Set<() => void>()
  return {
    fire: () => {
      for (const wake of [...waiting]) wake()
    },
    wait: (signal) =>
      new Promise((resolve) => {
        const wake = () => {
          waiting.delete(wake)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        if (signal.aborted) return resolve()
        waiting.add(wake)
        signal.addEventListener('abort', wake)
      }),
  }
}

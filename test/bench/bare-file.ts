import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { setImmediate as breathe } from 'node:timers/promises'
import { BATCH_TRANSACTS } from '../../src/journal/sqlite-store.ts'

/** The metal: lines appended to a file, with the same group commit as the journal, and nothing else. */
export const openBareFile = async (path: string) => {
  const file = openSync(path, 'a', 0o600)
  let queue: { readonly line: string; readonly resolve: () => void }[] = []
  let flushing: Promise<void> | undefined

  const flush = async (): Promise<void> => {
    await breathe()
    while (queue.length > 0) {
      const batch = queue.slice(0, BATCH_TRANSACTS)
      queue = queue.slice(BATCH_TRANSACTS)
      writeSync(file, batch.map(({ line }) => line).join(''))
      fdatasyncSync(file)
      for (const { resolve } of batch) resolve()
      await breathe()
    }
    flushing = undefined
  }

  return {
    append: (line: string): Promise<void> =>
      new Promise((resolve) => {
        queue.push({ line, resolve })
        flushing ??= flush()
      }),
    async close(): Promise<void> {
      await flushing
      closeSync(file)
    },
  }
}

import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { setImmediate as breathe } from 'node:timers/promises'
import { encode } from '../../domain/codec.ts'
import { BATCH_TRANSACTS } from '../../src/journal/sqlite-store.ts'
import type { ComparedLog } from './compared-log.ts'

/**
 * The metal: facts encoded as the journal encodes them, and appended as lines to a file, with the same group commit: what is waiting
 * after a turn of the loop, at most `BATCH_TRANSACTS`, is one write and one sync. No versions, no checks, nothing to find a fact by.
 */
export const openBareFile = async (path: string): Promise<ComparedLog> => {
  const file = openSync(path, 'a', 0o600)
  let queue: { readonly lines: string; readonly resolve: () => void }[] = []
  let flushing: Promise<void> | undefined

  const flush = async (): Promise<void> => {
    await breathe()
    while (queue.length > 0) {
      const batch = queue.slice(0, BATCH_TRANSACTS)
      queue = queue.slice(BATCH_TRANSACTS)
      writeSync(file, batch.map(({ lines }) => lines).join(''))
      fdatasyncSync(file)
      for (const { resolve } of batch) resolve()
      await breathe()
    }
    flushing = undefined
  }

  return {
    append: (_stream, _expected, facts) =>
      new Promise<void>((resolve) => {
        queue.push({ lines: facts.map((fact) => `${encode(fact)}\n`).join(''), resolve })
        flushing ??= flush()
      }),
    async close() {
      await flushing
      closeSync(file)
    },
  }
}

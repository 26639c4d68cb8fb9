import { parentPort, workerData } from 'node:worker_threads'
import { databaseFault } from '../sqlite/database.ts'
import { Conflict } from './port.ts'
import { openSqliteStore } from './sqlite-store.ts'
import type { Store } from './store.ts'
import type { Answered, Asked, SentFault } from './worker-store.ts'

// The thread of `openWorkerStore`: a SQLite store that answers messages. It ends when the store is closed, or could not be opened.

const { path } = workerData as { readonly path: string }
const port = parentPort!
const forEver = new AbortController().signal

const sent = (error: unknown): SentFault => {
  const fault = databaseFault('journal', path, error)
  const { code, message, culprit, next } = fault
  if (!(fault instanceof Conflict)) return { code, message, culprit, next }
  const { stream, expected, actual } = fault
  return { code, message, culprit, next, conflict: { stream, expected, actual } }
}

const opening = openSqliteStore(path)
// The first question gets the fault.
opening.catch(() => {})

const answerTo = async (store: Store, asked: Asked): Promise<unknown> => {
  switch (asked.call) {
    case 'open':
    case 'head':
      return store.head()
    case 'change':
      return store.change(asked.argument)
    case 'stream':
      return store.stream(asked.argument)
    case 'scan':
      return store.scan(asked.argument)
    case 'describe':
      return store.describe(asked.argument)
    case 'beyond':
      await store.beyond(asked.argument, forEver)
      return store.head()
    case 'close':
      return store.close()
  }
}

port.on('message', async (asked: Asked) => {
  let answer: Answered
  try {
    answer = { id: asked.id, value: await answerTo(await opening, asked) }
  } catch (error) {
    answer = { id: asked.id, fault: sent(error) }
  }
  port.postMessage(answer)
  if (asked.call === 'close' || (asked.call === 'open' && 'fault' in answer)) port.close()
})

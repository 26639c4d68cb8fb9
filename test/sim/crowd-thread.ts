import { parentPort } from 'node:worker_threads'
import { type Crowd, tell } from './crowd.ts'

// The thread of `crowd.ts`: told seeds, it answers what came of each.

parentPort?.on('message', async ({ crowd, seeds }: { readonly crowd: Crowd; readonly seeds: readonly string[] }) => {
  for (const seed of seeds) parentPort?.postMessage(await tell(crowd, seed))
})

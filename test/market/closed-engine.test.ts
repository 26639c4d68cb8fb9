import { expect, it } from 'vitest'
import type { ChainEngine } from '../../src/chain/port.ts'
import { systemClock } from '../../src/clock/system.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { openStreams } from '../../src/journal/streams.ts'
import { ChainWatch } from '../../src/market/chain-watch.ts'
import { Watched } from '../../src/market/watched.ts'

it('lets the rest of the process run while it follows an engine that was closed', { timeout: 60_000 }, async () => {
  const journal = memoryJournal()
  const stop = new AbortController()
  // What the port says of a closed engine: it ends, without a throw.
  const engine = { follow: async function* () {} } as unknown as ChainEngine
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
  const watch = new ChainWatch({
    engine,
    journal,
    streams: openStreams(journal),
    clock: systemClock,
    log,
    watched: new Watched(journal),
  })
  const following = watch.run(stop.signal)
  await new Promise((resolve) => setTimeout(resolve, 20))
  stop.abort(new Error('the test is over'))
  await expect(following).resolves.toBeUndefined()
})

import { setImmediate as turn } from 'node:timers/promises'
import type { BlockRef } from '../../../domain/chain/block.ts'
import { Fault } from '../../../domain/fault.ts'
import type { ChainEvent } from '../port.ts'
import type { BlockEntry } from './block-table.ts'
import type { Change } from './change.ts'
import type { Pool } from './pool.ts'
import type { Store } from './store.ts'
import { newWaiting } from './waiting.ts'

/** Events told in a row before the rest of the process gets its turn. */
export const FOLLOW_BURST = 32

/**
 * Tells a follower what happened, from its own place in the store: each step is computed from where the follower stands
 * and what the chain is now. So there is no queue, no seam between history and live, and a slow follower costs nothing.
 *
 * @throws Fault `chain.cursor-unknown` when the store never had the cursor's block
 */
export async function* follow(
  { store, pool, change }: { store: Store; pool: Pool; change: Change },
  cursor: BlockRef | undefined,
  signal: AbortSignal,
): AsyncGenerator<ChainEvent, void, undefined> {
  let at = cursor === undefined ? undefined : startingEntry(store, cursor)
  const waiting = newWaiting(store, pool)
  let caughtUp = false
  let poolTold = false
  for (let told = 1; !signal.aborted; told++) {
    if (told % FOLLOW_BURST === 0) await turn()
    if (at !== undefined && !store.active.has(at)) {
      const gone: BlockEntry = at
      at = store.blocks.get(gone.header.previous)
      yield { kind: 'disconnected', height: gone.height, hash: gone.hash, block: store.blocks.block(gone) }
      continue
    }
    const next = store.active.at(at === undefined ? 0 : at.height + 1)
    if (next !== undefined) {
      at = next
      waiting.blockTold()
      yield { kind: 'connected', height: next.height, hash: next.hash, block: store.blocks.block(next) }
      continue
    }
    if (!caughtUp && at !== undefined) {
      caughtUp = true
      yield { kind: 'caught-up', tip: { hash: at.hash, height: at.height } }
      continue
    }
    const moved = waiting.next()
    if (moved !== undefined) {
      yield moved
      continue
    }
    if (!poolTold) {
      poolTold = true
      yield { kind: 'mempool-told' }
      continue
    }
    await change.wait(signal)
  }
}

const startingEntry = (store: Store, cursor: BlockRef): BlockEntry => {
  const entry = store.blocks.get(cursor.hash)
  if (entry !== undefined && entry.height === cursor.height) return entry
  throw new Fault('chain.cursor-unknown', `this chain never had block ${cursor.hash} at height ${cursor.height}`, {
    culprit: 'chain',
    next: 'The data directory is of another chain: follow from the beginning.',
  })
}

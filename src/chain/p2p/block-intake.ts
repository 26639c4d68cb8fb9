import { setImmediate as turn } from 'node:timers/promises'
import type { Block } from '../../../domain/chain/block.ts'
import type { Submitted } from '../xencoind/chain.ts'
import type { Store } from '../xencoind/store.ts'
import type { PeerLog } from './log.ts'

export type OfferedBlock = {
  readonly hash: string
  readonly block: Block
  readonly sizeBytes: number
  /** Peer that brought it. */
  readonly from: number
}

export type BlockIntakeParts = {
  readonly store: Store
  readonly log: PeerLog
  submit(block: Block): Promise<Submitted>
  /** Stored: it may be on the chain now. */
  onStored(offered: OfferedBlock): void
  onRefused(offered: OfferedBlock, reason: string): void
  /** Nothing more can be done now. */
  onIdle(): void
}

/** Blocks on their way into the chain: each waits for the one that it builds on, then they go in one after the other. */
export interface BlockIntake {
  readonly heldBytes: number
  has(hash: string): boolean
  offer(offered: OfferedBlock): void
  /** Lets go of what waits for a block that will not come. */
  forget(hashes: Iterable<string>): void
  /** Resolves when what goes in just now is in. */
  settled(): Promise<void>
}

export const newBlockIntake = (parts: BlockIntakeParts): BlockIntake => {
  const { store, log } = parts
  const held = new Map<string, OfferedBlock>()
  /** By the block that they wait for. */
  const waiting = new Map<string, Set<string>>()
  const ready: string[] = []
  let heldBytes = 0
  let working: Promise<void> | undefined

  const release = (hash: string): OfferedBlock | undefined => {
    const offered = held.get(hash)
    if (offered === undefined) return undefined
    held.delete(hash)
    heldBytes -= offered.sizeBytes
    const { previous } = offered.block.header
    const siblings = waiting.get(previous)
    siblings?.delete(hash)
    if (siblings?.size === 0) waiting.delete(previous)
    return offered
  }

  const goIn = async (hash: string): Promise<void> => {
    const offered = held.get(hash)
    if (offered === undefined) return
    let submitted: Submitted
    try {
      submitted = await parts.submit(offered.block)
    } catch (err) {
      // The disk, or a node that closes: no doing of the peer's, and the block can be asked for again.
      log.warn({ err, block: hash }, 'a block could not be stored')
      release(hash)
      return
    }
    release(hash)
    if ('reject' in submitted) return parts.onRefused(offered, submitted.reject)
    parts.onStored(offered)
    ready.push(...(waiting.get(hash) ?? []))
  }

  const work = async (): Promise<void> => {
    for (let hash = ready.shift(); hash !== undefined; hash = ready.shift()) {
      await goIn(hash)
      // Peers, miners and callers get their turn between blocks.
      await turn()
    }
  }

  return {
    get heldBytes() {
      return heldBytes
    },
    has: (hash) => held.has(hash),
    offer: (offered) => {
      const { hash, block, sizeBytes } = offered
      if (held.has(hash) || store.blocks.get(hash) !== undefined) return
      held.set(hash, offered)
      heldBytes += sizeBytes
      const { previous } = block.header
      waiting.set(previous, (waiting.get(previous) ?? new Set()).add(hash))
      if (store.blocks.get(previous) !== undefined) ready.push(hash)
      working ??= work().finally(() => {
        working = undefined
        parts.onIdle()
      })
    },
    forget: (hashes) => {
      for (const hash of hashes) release(hash)
    },
    settled: async () => {
      await working
    },
  }
}

import type { Block, BlockHeader } from '../../../domain/chain/block.ts'
import { checkBlockSignature } from '../../../domain/chain/block-signature.ts'
import { checkBlock, checkHeader } from '../../../domain/chain/check-block.ts'
import { headerHash } from '../../../domain/chain/codec.ts'
import { nextBits } from '../../../domain/chain/difficulty.ts'
import { genesisBlock } from '../../../domain/chain/genesis.ts'
import type { Network } from '../../../domain/chain/network.ts'
import { workOf } from '../../../domain/chain/pow.ts'
import { Fault } from '../../../domain/fault.ts'
import { activateBest, headersOf, InvalidBlock, medianTimesOf } from './activate.ts'
import type { BlockEntry } from './block-table.ts'
import type { ChainChange } from './chain-change.ts'
import type { ChainParts } from './chain-parts.ts'
import type { Store } from './store.ts'

/** A block was taken (also one already had, or one of a weaker branch: then nothing changed), or why not, in Core's words. */
export type Submitted = (ChainChange & { readonly hash: string }) | { readonly reject: string }

/** The block tree on disk and its active chain: of all valid chains, the one of most work; of equals, the first. */
export interface Chain {
  tip(): BlockEntry
  submit(block: Block): Submitted
  /** Why a header cannot stand on its parent; undefined also for a block that is already here. */
  headerReject(header: BlockHeader): string | undefined
  /** @throws Fault `chain.unknown-block` */
  invalidate(hash: string): ChainChange
  /** Judges a block, and those before and after it, anew. */
  reconsider(hash: string): ChainChange
  /** Why a block on the tip would be refused, its work aside; undefined when it would be taken. Nothing changes. */
  propose(block: Block): string | undefined
  /** Compact target of the block after this one. */
  nextBits(entry: BlockEntry): number
  /** Of the blocks that end with this one. */
  medianTime(entry: BlockEntry): number
}

/** Opens the tree, with the genesis block when it is new. @throws Fault `chain.wrong-store` */
export const newChain = (parts: ChainParts): Chain => {
  const { store, network, clock, curve } = parts
  const { blocks, active } = store
  beginWithGenesis(store, network)

  /** Repeats with one invalid block less, until what is left is valid; `first` runs in the same disk transaction. */
  const settle = (first: () => void, own?: { hash: string; block: Block }): ChainChange | { reject: string } => {
    for (;;) {
      try {
        return store.transact(() => {
          first()
          return activateBest(parts, own)
        })
      } catch (error) {
        if (!(error instanceof InvalidBlock)) throw error
        if (error.hash === own?.hash) return { reject: error.reason }
        store.transact(() => blocks.markInvalid(error.hash))
      }
    }
  }

  const headerRejectOf = (header: BlockHeader, parent: BlockEntry, checkWork: boolean): string | undefined => {
    const medianTimePast = chain.medianTime(parent)
    const nowS = Math.floor(clock.now() / 1000)
    const reject = checkHeader(header, { network, bits: chain.nextBits(parent), medianTimePast, nowS, checkWork })
    // Core tells which version.
    return reject === 'bad-version' ? `bad-version(0x${(header.version >>> 0).toString(16).padStart(8, '0')})` : reject
  }

  /** What is wrong with a block behind its header, by itself and in its place; its coins are asked when it connects. */
  const bodyRejectOf = (block: Block, parent: BlockEntry, checkSigned: boolean): string | undefined =>
    (checkSigned ? checkBlockSignature(block, network, curve) : undefined) ??
    checkBlock(block, {
      network,
      height: parent.height + 1,
      medianTimePast: chain.medianTime(parent),
      checkWork: false,
    })

  const chain: Chain = {
    tip: () => active.tip()!,
    nextBits: (entry) => nextBits(network, entry.height + 1, headersOf(store, entry)),
    medianTime: (entry) => medianTimesOf(store, entry)(entry.height),
    headerReject: (header) => {
      const parent = blocks.get(header.previous)
      if (parent === undefined) return 'prev-blk-not-found'
      if (blocks.isInvalid(parent.hash)) return 'bad-prevblk'
      return headerRejectOf(header, parent, true)
    },
    submit: (block) => {
      const hash = headerHash(block.header)
      if (blocks.get(hash) !== undefined)
        return blocks.isInvalid(hash) ? { reject: 'duplicate-invalid' } : { hash, disconnected: [], connected: [] }
      const bad = chain.headerReject(block.header)
      if (bad !== undefined) return { reject: bad }
      const parent = blocks.get(block.header.previous)!
      const height = parent.height + 1
      const reject = bodyRejectOf(block, parent, true)
      if (reject !== undefined) return { reject }
      const work = parent.work + workOf(block.header.bits)
      const settled = settle(
        () => {
          // Settling may have found the parent invalid only now.
          if (blocks.isInvalid(parent.hash)) throw new InvalidBlock(hash, 'bad-prevblk')
          blocks.add(hash, height, work, block)
        },
        { hash, block },
      )
      if (!('reject' in settled)) return { hash, ...settled }
      // Its header is good and its work is done: it is kept, so that it is not judged again.
      store.transact(() => {
        blocks.add(hash, height, work, block)
        blocks.markInvalid(hash)
      })
      return settled
    },
    invalidate: (hash) => {
      const entry = blocks.get(hash)
      if (entry === undefined || entry.height === 0)
        throw new Fault('chain.unknown-block', `no block ${hash} that could be taken out`, { culprit: 'you' })
      const settled = settle(() => blocks.markInvalid(hash))
      if ('reject' in settled) throw new Error(settled.reject)
      return settled
    },
    reconsider: (hash) => {
      const settled = settle(() => blocks.clearInvalid(hash))
      if ('reject' in settled) throw new Error(settled.reject)
      return settled
    },
    propose: (block) => {
      const tip = active.tip()!
      const reject =
        block.header.previous === tip.hash
          ? (headerRejectOf(block.header, tip, false) ?? bodyRejectOf(block, tip, false))
          : 'prev-blk-not-found'
      if (reject !== undefined) return reject
      const hash = headerHash(block.header)
      try {
        // Connected as any other, then undone with the disk transaction.
        return store.transact(() => {
          blocks.add(hash, tip.height + 1, tip.work + workOf(block.header.bits), block)
          activateBest(parts, { hash, block })
          throw new Proposed()
        })
      } catch (error) {
        if (error instanceof Proposed) return undefined
        if (error instanceof InvalidBlock) return error.reason
        throw error
      }
    },
  }
  return chain
}

/** Undoes the disk transaction of a block that was only tried. */
class Proposed extends Error {}

const beginWithGenesis = (store: Store, network: Network): void => {
  const genesis = genesisBlock(network)
  const hash = headerHash(genesis.header)
  const first = store.active.at(0)
  if (first?.hash === hash) return
  if (first !== undefined)
    throw new Fault('chain.wrong-store', `the data directory begins with another block than ${network.name}`, {
      culprit: 'you',
      next: 'Give this network its own --data-dir.',
    })
  // Its coins cannot be spent: they are not put among the coins, and its transaction is not found, as in Core.
  store.transact(() => store.active.push(store.blocks.add(hash, 0, workOf(genesis.header.bits), genesis), []))
}

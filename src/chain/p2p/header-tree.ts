import type { BlockHeader } from '../../../domain/chain/block.ts'
import { checkHeader, MEDIAN_TIME_BLOCKS, medianTime } from '../../../domain/chain/check-block.ts'
import { headerHash } from '../../../domain/chain/codec.ts'
import { nextBits } from '../../../domain/chain/difficulty.ts'
import type { Network } from '../../../domain/chain/network.ts'
import { checkProofOfWork, workOf } from '../../../domain/chain/pow.ts'
import type { Clock } from '../../clock/port.ts'
import { headersOf } from '../xencoind/activate.ts'
import type { Store } from '../xencoind/store.ts'
import type { ChainPoint } from './peer.ts'

/** A header whose block is not here yet. */
export type HeaderNode = ChainPoint & {
  readonly header: BlockHeader
  /** Peer that brought it, whose room it takes. */
  owner: number
  /** Where the schedule of the difficulty begins, when that is not stored either. */
  readonly anchor?: Pick<BlockHeader, 'time' | 'bits'>
}
export type Place = ChainPoint & { readonly header: BlockHeader }

/** Why a header is not taken. `later`: it may be good when the clock has moved on. */
export type HeaderRefusal =
  | { readonly refused: 'unconnected' | 'later' | 'known-invalid' }
  | { readonly refused: 'bad'; readonly why: string }

/**
 * Headers that lead on from stored blocks, each checked as far as a header can be: its work, its target by the rule of the network,
 * its time. In memory alone, until their blocks are stored; how many there are is up to whoever adds.
 */
export interface HeaderTree {
  readonly size: number
  /** Stored, or a header here. */
  find(hash: string): Place | undefined
  has(hash: string): boolean
  add(header: BlockHeader, owner: number): Place | HeaderRefusal
  /** Hashes from the lowest that is not stored up to `hash`. */
  pathTo(hash: string): string[]
  drop(hash: string): void
  ownedBy(owner: number): HeaderNode[]
  count(owner: number): number
  give(hash: string, owner: number): void
}

export const newHeaderTree = (parts: {
  readonly store: Store
  readonly network: Network
  readonly clock: Clock
}): HeaderTree => {
  const { store, network, clock } = parts
  const { blocks } = store
  const nodes = new Map<string, HeaderNode>()
  const counts = new Map<number, number>()
  const anchorHeight = network.difficulty.kind === 'asert' ? network.difficulty.anchorHeight : undefined
  const count = (owner: number, by: number) => {
    const left = (counts.get(owner) ?? 0) + by
    if (left === 0) counts.delete(owner)
    else counts.set(owner, left)
  }
  const find = (hash: string): Place | undefined => blocks.get(hash) ?? nodes.get(hash)

  /** The header at `height` on the chain that ends with `end`. */
  const headerAt =
    (end: Place) =>
    (height: number): Pick<BlockHeader, 'time' | 'bits'> => {
      for (let at: Place | undefined = end; at !== undefined; at = nodes.get(at.header.previous)) {
        if (at.height === height) return at.header
        const stored = blocks.get(at.hash) ?? blocks.get(at.header.previous)
        if (stored !== undefined) return headersOf(store, stored)(height)
        // The one height that each header asks for from far below.
        const { anchor } = at as HeaderNode
        if (height === anchorHeight && anchor !== undefined) return anchor
      }
      throw new RangeError(`no header at height ${height}`)
    }

  const medianPast = (end: Place): number => {
    const times: number[] = []
    for (let at: Place | undefined = end; at !== undefined && times.length < MEDIAN_TIME_BLOCKS; ) {
      times.push(at.header.time)
      at = find(at.header.previous)
    }
    return medianTime(times)
  }

  const anchorOf = (header: BlockHeader, height: number, parent: Place): Pick<HeaderNode, 'anchor'> => {
    if (height === anchorHeight) return { anchor: { time: header.time, bits: header.bits } }
    const { anchor } = parent as Partial<HeaderNode>
    return anchor === undefined ? {} : { anchor }
  }

  return {
    get size() {
      return nodes.size
    },
    find,
    has: (hash) => nodes.has(hash),
    add: (header, owner) => {
      const hash = headerHash(header)
      if (blocks.isInvalid(hash) || blocks.isInvalid(header.previous)) return { refused: 'known-invalid' }
      const known = find(hash)
      if (known !== undefined) return known
      const parent = find(header.previous)
      if (parent === undefined) return { refused: 'unconnected' }
      // Before all that costs more than a hash.
      if (!checkProofOfWork(header, network)) return { refused: 'bad', why: 'high-hash' }
      const height = parent.height + 1
      const reject = checkHeader(header, {
        network,
        bits: nextBits(network, height, headerAt(parent)),
        medianTimePast: medianPast(parent),
        nowS: Math.floor(clock.now() / 1000),
        checkWork: false,
      })
      if (reject === 'time-too-new') return { refused: 'later' }
      if (reject !== undefined) return { refused: 'bad', why: reject }
      const work = parent.work + workOf(header.bits)
      const node: HeaderNode = { hash, header, height, work, owner, ...anchorOf(header, height, parent) }
      nodes.set(hash, node)
      count(owner, 1)
      return node
    },
    pathTo: (hash) => {
      const path: string[] = []
      for (let at = nodes.get(hash); at !== undefined; at = nodes.get(at.header.previous)) path.push(at.hash)
      return path.reverse()
    },
    drop: (hash) => {
      const node = nodes.get(hash)
      if (node === undefined) return
      nodes.delete(hash)
      count(node.owner, -1)
    },
    ownedBy: (owner) => [...nodes.values()].filter((node) => node.owner === owner),
    count: (owner) => counts.get(owner) ?? 0,
    give: (hash, owner) => {
      const node = nodes.get(hash)
      if (node === undefined) return
      count(node.owner, -1)
      count(owner, 1)
      node.owner = owner
    },
  }
}

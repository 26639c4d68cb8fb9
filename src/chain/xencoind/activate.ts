import type { Block } from '../../../domain/chain/block.ts'
import { MEDIAN_TIME_BLOCKS, medianTime } from '../../../domain/chain/check-block.ts'
import { encodeTransaction, transactionId } from '../../../domain/chain/codec.ts'
import { connectBlock } from '../../../domain/chain/connect.ts'
import type { HeaderAt } from '../../../domain/chain/difficulty.ts'
import { isUnspendable } from '../../../domain/chain/script.ts'
import type { ScriptError } from '../../../domain/chain/script-error.ts'
import { outPointKey } from '../../../domain/chain/transaction.ts'
import type { BlockEntry } from './block-table.ts'
import type { ChainChange } from './chain-change.ts'
import type { ChainParts } from './chain-parts.ts'
import { scriptSentence } from './script-reason.ts'
import type { Store } from './store.ts'

/** Thrown through the disk transaction, so that all that was done with the block is undone. */
export class InvalidBlock extends Error {
  readonly hash: string
  readonly reason: string
  constructor(hash: string, reason: string) {
    super(`block ${hash}: ${reason}`)
    this.hash = hash
    this.reason = reason
  }
}

/**
 * Makes the chain of most work the active one, whatever that takes. To be called inside a disk transaction: a reorganisation
 * of any depth happens whole or not at all.
 *
 * @param fresh the block that has just come, so that it is not read and hashed again
 * @throws InvalidBlock when a block on the way breaks the rules
 */
export const activateBest = (parts: ChainParts, fresh?: { hash: string; block: Block }): ChainChange => {
  const { blocks, active } = parts.store
  const change: { disconnected: Block[]; connected: Block[] } = { disconnected: [], connected: [] }
  const best = blocks.best()
  if (best === undefined) throw new Error('the store has no valid block')
  const ahead: BlockEntry[] = []
  for (let entry = best; !active.has(entry); entry = parentOf(parts.store, entry)) ahead.push(entry)
  const fork = ahead.length === 0 ? best : parentOf(parts.store, ahead.at(-1)!)
  for (let tip = active.tip()!; tip.hash !== fork.hash; tip = active.tip()!)
    change.disconnected.push(disconnect(parts.store, tip))
  for (const entry of ahead.reverse())
    change.connected.push(connect(parts, entry, entry.hash === fresh?.hash ? fresh.block : undefined))
  return change
}

const parentOf = ({ blocks }: Store, entry: BlockEntry): BlockEntry => {
  const parent = blocks.get(entry.header.previous)
  if (parent === undefined) throw new Error(`block ${entry.hash} is stored without its parent`)
  return parent
}

const connect = ({ store, network, curve, scripts }: ChainParts, entry: BlockEntry, fresh?: Block): Block => {
  const block = fresh ?? store.blocks.block(entry)
  const connected = connectBlock({
    block,
    height: entry.height,
    network,
    curve,
    coin: store.coins.get,
    medianTimeAt: medianTimesOf(store, parentOf(store, entry)),
    scriptsKnownGood: scripts.has,
  })
  if ('reject' in connected) throw new InvalidBlock(entry.hash, inWords(connected.reject))
  for (const { key } of connected.spent) store.coins.drop(key)
  for (const coin of connected.created) store.coins.put(coin)
  store.blocks.putUndo(entry, connected.spent)
  store.active.push(entry, block.transactions.map(transactionId))
  return block
}

const SCRIPT_REJECT = /^(block-script-verify-flag-failed) \((\w+)\)$/

/** A script's error is told in Core's sentence, not by its name. */
const inWords = (reject: string): string => {
  const [, kind, error] = SCRIPT_REJECT.exec(reject) ?? []
  return kind === undefined ? reject : `${kind} (${scriptSentence(error as ScriptError)})`
}

const disconnect = (store: Store, entry: BlockEntry): Block => {
  const block = store.blocks.block(entry)
  for (const tx of block.transactions)
    for (const [vout, { script }] of tx.outputs.entries())
      if (!isUnspendable(script)) store.coins.drop(outPointKey({ txid: transactionId(tx), vout }))
  const spent = store.blocks.undo(entry)
  if (spent === undefined) throw new Error(`block ${entry.hash} has no undo data`)
  for (const coin of spent) store.coins.put(coin)
  store.active.pop(entry, block.transactions.map(transactionId))
  // Back to the mempool's disk copy in the same unit: a process killed now must not lose what was confirmed a moment ago.
  for (const tx of block.transactions.slice(1))
    store.mempool.put(transactionId(tx), {
      seq: 0,
      enteredAt: entry.header.time * 1000,
      bytes: encodeTransaction(tx),
    })
  return block
}

/** The chain that ends with `end`, by height. Only `end` and what is below it may be asked for. */
const entriesOf =
  (store: Store, end: BlockEntry) =>
  (height: number): BlockEntry => {
    let entry = end
    // Below the fork the active chain is this chain: no need to walk down to an old coin.
    while (entry.height > height) {
      const lower = store.active.has(entry) ? store.active.at(height) : parentOf(store, entry)
      if (lower === undefined) throw new RangeError(`no block at height ${height}`)
      entry = lower
    }
    return entry
  }

/** Headers by height, on the chain that ends with `end`. */
export const headersOf = (store: Store, end: BlockEntry): HeaderAt => {
  const entryAt = entriesOf(store, end)
  return (height) => entryAt(height).header
}

/** A block's ancestors never change. */
const medianTimes = new WeakMap<BlockEntry, number>()

/** Median times past by height, on the chain that ends with `end`. */
export const medianTimesOf = (store: Store, end: BlockEntry) => {
  const entryAt = entriesOf(store, end)
  return (height: number): number => {
    const asked = entryAt(height)
    const known = medianTimes.get(asked)
    if (known !== undefined) return known
    let entry = asked
    const times = [entry.header.time]
    while (times.length < MEDIAN_TIME_BLOCKS && entry.height > 0) {
      entry = parentOf(store, entry)
      times.push(entry.header.time)
    }
    const median = medianTime(times)
    medianTimes.set(asked, median)
    return median
  }
}

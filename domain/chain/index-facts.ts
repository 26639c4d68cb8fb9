import { addressOf } from './address.ts'
import type { Block } from './block.ts'
import { isCoinbase } from './check-transaction.ts'
import { transactionId } from './codec.ts'
import type { Network } from './network.ts'
import type { SpentCoins } from './summary.ts'
import { outPointKey } from './transaction.ts'

/** An output: sats, and its address; empty for a script that has none. Lists, not fields: names would be most of the text. */
export type MadeOutput = readonly [sats: bigint, address: string]
/** A spent output: where it was, and what it was. */
export type SpentOutput = readonly [point: string, sats: bigint, address: string]

/** A transaction of a block, or a piece of one that is too large for one fact. */
export type IndexedTransaction = {
  readonly txid: string
  /** Its place in the block. */
  readonly index: number
  readonly coinbase: boolean
  /** The output that `made` begins with. */
  readonly first: number
  readonly made: readonly MadeOutput[]
  readonly spent: readonly SpentOutput[]
  /** Addresses here that a piece before this one named. */
  readonly again: readonly string[]
}

type Indexed = {
  readonly at: number
  readonly height: number
  readonly hash: string
  readonly previous: string
  /** Block time, Unix seconds. */
  readonly time: number
  readonly transactions: readonly IndexedTransaction[]
}

/** Stream `index`: who paid whom, block by block; kept where the setting `chainIndex` says so. */
export type ChainIndexFact =
  /** A block, or a part of one: all parts are one unit. */
  | ({ readonly type: 'index.connected' } & Indexed)
  /** Its inverse: the same part, taken back; the last part first. */
  | ({ readonly type: 'index.disconnected' } & Indexed)

export const INDEX_STREAM = 'index'

/** Transactions, outputs made and outputs spent in one fact, together: under 600 kB. */
export const ENTRIES_PER_FACT = 3_000

/** What a block says of addresses, in parts of `ENTRIES_PER_FACT`. @param spent what each input spent */
export const indexParts = (
  network: Network,
  block: Block,
  spent: SpentCoins,
  most = ENTRIES_PER_FACT,
): readonly (readonly IndexedTransaction[])[] => {
  const parts: IndexedTransaction[][] = [[]]
  let entries = 0
  for (const piece of block.transactions.flatMap((_, index) => piecesOf(network, block, spent, index, most))) {
    const size = 1 + piece.made.length + piece.spent.length
    if (entries + size > most && entries > 0) {
      parts.push([])
      entries = 0
    }
    parts.at(-1)!.push(piece)
    entries += size
  }
  return parts
}

const piecesOf = (
  network: Network,
  block: Block,
  spentCoins: SpentCoins,
  index: number,
  most: number,
): IndexedTransaction[] => {
  const tx = block.transactions[index]!
  const common = { txid: transactionId(tx), index, coinbase: isCoinbase(tx) }
  const made = tx.outputs.map(({ value, script }): MadeOutput => [value, addressOf(network, script) ?? ''])
  const spent = (spentCoins[index] ?? []).map(
    ({ value, script }, i): SpentOutput => [outPointKey(tx.inputs[i]!), value, addressOf(network, script) ?? ''],
  )
  if (1 + made.length + spent.length <= most) return [{ ...common, first: 0, made, spent, again: [] }]
  const pieces: IndexedTransaction[] = []
  const named = new Set<string>()
  const push = (first: number, some: readonly MadeOutput[], others: readonly SpentOutput[]): void => {
    const addresses = [...new Set([...some.map(([, address]) => address), ...others.map(([, , address]) => address)])]
    pieces.push({ ...common, first, made: some, spent: others, again: addresses.filter((it) => named.has(it)) })
    for (const address of addresses) named.add(address)
  }
  const size = Math.max(1, most - 1)
  for (let at = 0; at < made.length; at += size) push(at, made.slice(at, at + size), [])
  for (let at = 0; at < spent.length; at += size) push(made.length, [], spent.slice(at, at + size))
  return pieces
}

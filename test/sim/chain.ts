import type { Block, BlockRef } from '../../domain/chain/block.ts'
import { transactionId, virtualSize } from '../../domain/chain/codec.ts'
import type { Coin, KeyedCoin } from '../../domain/chain/coin.ts'
import { connectBlock } from '../../domain/chain/connect.ts'
import type { Curve } from '../../domain/chain/curve.ts'
import type { Network } from '../../domain/chain/network.ts'
import { subsidyAt } from '../../domain/chain/subsidy.ts'
import type { OutPoint, Transaction, TxOutput } from '../../domain/chain/transaction.ts'
import { outPointKey } from '../../domain/chain/transaction.ts'
import type { ChainEvent, FoundTransaction, Unspent } from '../../src/chain/port.ts'
import { Mempool } from './mempool.ts'

type Entry = BlockRef & {
  readonly block: Block
  readonly spent: readonly KeyedCoin[]
  readonly created: readonly KeyedCoin[]
}

const NO_HASH = '0'.repeat(64)
/** Nobody can spend what a miner of a world earns: it is in the sums all the same. */
export const MINERS_SCRIPT = new Uint8Array([0x00, 0x14, ...new Uint8Array(20)])
/** Blocks hold no transaction of a lower rate, sats per virtual byte. */
const USUAL_RATE = 1

/**
 * The chain that all nodes of a world share: coins, scripts, locks and fees by the real rules (`domain/chain`), blocks without work. It
 * can be reorganised, its fees rise, and transactions fall out of it.
 */
export class Chain {
  readonly network: Network
  readonly events: ChainEvent[] = []
  readonly coins = new Map<string, Coin>()
  readonly mempool: Mempool
  /** What a transaction has to pay to be in the next block, sats per virtual byte. */
  goingRate = USUAL_RATE
  /** Told of each block that came or went. */
  changed: () => void = () => {}
  readonly #curve: Curve
  readonly #active: Entry[] = []
  readonly #known = new Map<string, Entry>()
  readonly #places = new Map<string, BlockRef>()
  #serial = 0
  #waiters: (() => void)[] = []
  #timeS: () => number

  constructor(network: Network, curve: Curve, timeS: () => number) {
    this.network = network
    this.#curve = curve
    this.#timeS = timeS
    this.mempool = new Mempool({
      network,
      curve,
      coin: (key) => this.coins.get(key),
      height: () => this.#active.length,
    })
    this.mine([])
  }

  get tip(): BlockRef {
    const { height, hash } = this.#active.at(-1)!
    return { height, hash }
  }

  at(height: number): Entry | undefined {
    return this.#active[height]
  }

  byHash(hash: string): Entry | undefined {
    return this.#known.get(hash)
  }

  isActive({ height, hash }: BlockRef): boolean {
    return this.#active[height]?.hash === hash
  }

  find(txid: string): FoundTransaction | undefined {
    const waiting = this.mempool.get(txid)
    if (waiting !== undefined) return { tx: waiting }
    const block = this.#places.get(txid)
    const tx = block && this.#active[block.height]!.block.transactions.find((one) => transactionId(one) === txid)
    return tx && block && { tx, block }
  }

  /** With the mempool applied. */
  output(point: OutPoint): Unspent | undefined {
    const key = outPointKey(point)
    if (this.mempool.spends(key)) return undefined
    const made = this.mempool.get(point.txid)?.outputs[point.vout]
    return made ? { ...made, coinbase: false } : this.coins.get(key)
  }

  /** @throws Rejected */
  accept(tx: Transaction): string {
    const txid = transactionId(tx)
    if (this.mempool.get(txid) !== undefined || this.#places.has(txid)) return txid
    this.mempool.admit(tx)
    this.#tell({ kind: 'entered', tx })
    return txid
  }

  /** Makes a block of what pays enough. @param rewards outputs of the coinbase; absent, the miners' */
  mine(rewards?: readonly TxOutput[]): void {
    const height = this.#active.length
    const chosen = this.mempool.template(this.goingRate)
    const fees = chosen.reduce((sum, txid) => sum + this.mempool.feeOf(txid), 0n)
    const transactions = chosen.map((txid) => this.mempool.get(txid)!)
    const earned = subsidyAt(this.network, height) + fees
    const given = (rewards ?? []).reduce((sum, { value }) => sum + value, 0n)
    const coinbase = coinbaseOf(++this.#serial, [...(rewards ?? []), { value: earned - given, script: MINERS_SCRIPT }])
    this.#connect({ transactions: [coinbase, ...transactions], known: true })
  }

  /** Takes the newest `depth` blocks away and puts one more in their place; `lost` of their transactions are heard of no more. */
  reorganise(depth: number, isLost: (tx: Transaction) => boolean): void {
    const depths = Math.min(depth, this.#active.length - 2)
    const back: Transaction[] = []
    for (let i = 0; i < depths; i++) {
      const entry = this.#active.pop()!
      for (const { key } of entry.created) this.coins.delete(key)
      for (const { key, coin } of entry.spent) this.coins.set(key, coin)
      const [, ...transactions] = entry.block.transactions
      for (const tx of transactions) this.#places.delete(transactionId(tx))
      back.unshift(...transactions)
      const { height, hash, block } = entry
      this.#tell({ kind: 'disconnected', height, hash, block })
    }
    const entered = this.mempool.refill(back.filter((tx) => !isLost(tx)))
    for (const tx of entered) this.#tell({ kind: 'entered', tx })
    for (let i = 0; i <= depths; i++) this.mine()
  }

  /** The mempool loses it, as nodes that restart or are full do. */
  forget(count: number): void {
    this.mempool.dropOldest(count)
  }

  /** Resolves when there is an event after the first `count`. */
  beyond(count: number): Promise<void> {
    if (this.events.length > count) return Promise.resolve()
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  /** Wakes all who wait: what they need may be out of reach now. */
  wake(): void {
    for (const waiter of this.#waiters.splice(0)) waiter()
  }

  #connect({ transactions }: { readonly transactions: readonly Transaction[]; readonly known: true }): void {
    const height = this.#active.length
    const previous = this.#active.at(-1)?.hash ?? NO_HASH
    const hash = this.#serial.toString(16).padStart(64, '0')
    const header = { version: 1, previous, merkleRoot: NO_HASH, time: this.#timeS(), bits: 0, nonce: this.#serial }
    const block: Block = { header, transactions }
    const coin = (key: string) => this.coins.get(key)
    const { network } = this
    const rules = { network, height, medianTimeAt: () => 0, curve: this.#curve }
    // Their scripts were judged when they came into the mempool.
    const connected = connectBlock({ ...rules, block, coin, scriptsKnownGood: () => true })
    if ('reject' in connected) throw new Error(`the world made a bad block: ${connected.reject}`)
    for (const { key } of connected.spent) this.coins.delete(key)
    for (const { key, coin: made } of connected.created) this.coins.set(key, made)
    const entry = { height, hash, block, spent: connected.spent, created: connected.created }
    this.#active.push(entry)
    this.#known.set(hash, entry)
    for (const tx of transactions) this.#places.set(transactionId(tx), { height, hash })
    this.mempool.taken(transactions)
    this.#tell({ kind: 'connected', height, hash, block })
    this.changed()
  }

  #tell(event: ChainEvent): void {
    this.events.push(event)
    this.wake()
  }
}

const coinbaseOf = (serial: number, outputs: readonly TxOutput[]): Transaction => {
  const scriptSig = new Uint8Array(8)
  new DataView(scriptSig.buffer).setUint32(4, serial)
  const input = { txid: NO_HASH, vout: 0xffffffff, scriptSig, sequence: 0xffffffff, witness: [] }
  const tx = { version: 2, inputs: [input], outputs: outputs.filter(({ value }) => value > 0n), lockTime: 0 }
  virtualSize(tx)
  return tx
}

import { checkTransaction } from '../../domain/chain/check-transaction.ts'
import { transactionId, virtualSize } from '../../domain/chain/codec.ts'
import type { Coin, CoinLookup } from '../../domain/chain/coin.ts'
import { checkScripts, checkSpend } from '../../domain/chain/connect.ts'
import type { Curve } from '../../domain/chain/curve.ts'
import { dustOf } from '../../domain/chain/dust.ts'
import { isFinal } from '../../domain/chain/locktime.ts'
import type { Network } from '../../domain/chain/network.ts'
import { STANDARD_RULES } from '../../domain/chain/script-rules.ts'
import { outPointKey, type Transaction } from '../../domain/chain/transaction.ts'
import { Rejected } from '../../src/chain/port.ts'

type Waiting = { readonly tx: Transaction; readonly txid: string; readonly fee: bigint; readonly vsize: number }

export type MempoolOptions = {
  readonly network: Network
  readonly curve: Curve
  /** In the chain. */
  readonly coin: CoinLookup
  /** Of the next block. */
  readonly height: () => number
}

/** Transactions that wait for a block: Bitcoin's rules of entry, of replacement (BIP 125) and of what falls with what. */
export class Mempool {
  /** In the order in which they came: parents before children. */
  readonly #waiting = new Map<string, Waiting>()
  /** By what they spend. */
  readonly #spenders = new Map<string, string>()
  readonly #options: MempoolOptions

  constructor(options: MempoolOptions) {
    this.#options = options
  }

  get(txid: string): Transaction | undefined {
    return this.#waiting.get(txid)?.tx
  }

  feeOf(txid: string): bigint {
    return this.#waiting.get(txid)?.fee ?? 0n
  }

  all(): Transaction[] {
    return [...this.#waiting.values()].map(({ tx }) => tx)
  }

  spends(key: string): boolean {
    return this.#spenders.has(key)
  }

  /** @throws Rejected in Bitcoin Core's words */
  admit(tx: Transaction): void {
    const txid = transactionId(tx)
    const refuse = (reason: string): never => {
      throw new Rejected(reason, txid)
    }
    const height = this.#options.height()
    const problem = checkTransaction(tx)
    if (problem !== undefined) refuse(problem)
    if (!isFinal(tx, height, 0)) refuse('non-final')
    if (tx.outputs.some(({ value, script }) => value < dustOf(script))) refuse('dust')
    const coins = tx.inputs.map((input) => this.#coin(outPointKey(input)) ?? refuse('bad-txns-inputs-missingorspent'))
    const { network, curve } = this.#options
    const spend = checkSpend(tx, coins, { network, height, medianTimeAt: () => 0 })
    const fee = 'reject' in spend ? refuse(spend.reject) : spend.fee
    const entry: Waiting = { tx, txid, fee, vsize: virtualSize(tx) }
    if (entry.fee < BigInt(entry.vsize)) refuse('min relay fee not met')
    const fallen = this.#replaced(entry, refuse)
    const error = checkScripts(tx, coins, curve, STANDARD_RULES)
    if (error !== undefined) refuse(`mandatory-script-verify-flag-failed (${error})`)
    for (const one of fallen) this.#remove(one)
    this.#put(entry)
  }

  /** What pays the rate by itself, or is paid for by one that spends it; parents first. */
  template(rate: number): string[] {
    const wanted = new Set<string>()
    const want = (entry: Waiting | undefined): void => {
      if (entry === undefined || wanted.has(entry.txid)) return
      for (const { txid } of entry.tx.inputs) want(this.#waiting.get(txid))
      wanted.add(entry.txid)
    }
    for (const entry of this.#waiting.values()) if (Number(entry.fee) >= rate * entry.vsize) want(entry)
    return [...wanted]
  }

  /** They are in a block: they leave, and so does what spends the same. */
  taken(transactions: readonly Transaction[]): void {
    for (const tx of transactions) {
      const entry = this.#waiting.get(transactionId(tx))
      if (entry) this.#unlink(entry)
      for (const input of tx.inputs) {
        const rival = this.#waiting.get(this.#spenders.get(outPointKey(input)) ?? '')
        if (rival) this.#remove(rival)
      }
    }
  }

  /** Blocks went away: what was in them comes first, then what waited, as far as it may still. @returns what was not here before */
  refill(back: readonly Transaction[]): Transaction[] {
    const before = this.all()
    const known = new Set(this.#waiting.keys())
    this.#waiting.clear()
    this.#spenders.clear()
    for (const tx of [...back, ...before]) {
      try {
        if (!this.#waiting.has(transactionId(tx))) this.admit(tx)
      } catch (error) {
        if (!(error instanceof Rejected)) throw error
      }
    }
    return this.all().filter((tx) => !known.has(transactionId(tx)))
  }

  dropOldest(count: number): void {
    for (const entry of [...this.#waiting.values()].slice(0, count)) this.#remove(entry)
  }

  #coin(key: string): Coin | undefined {
    const [txid = '', vout] = key.split(':')
    const made = this.#waiting.get(txid)?.tx.outputs[Number(vout)]
    return made ? { ...made, height: this.#options.height(), coinbase: false } : this.#options.coin(key)
  }

  #replaced(entry: Waiting, refuse: (reason: string) => never): readonly Waiting[] {
    const rivals = new Set<Waiting>()
    for (const input of entry.tx.inputs) {
      const rival = this.#waiting.get(this.#spenders.get(outPointKey(input)) ?? '')
      if (rival) rivals.add(rival)
    }
    const fallen = [...new Set([...rivals].flatMap((rival) => [rival, ...this.#descendants(rival)]))]
    for (const rival of rivals)
      if (entry.fee * BigInt(rival.vsize) <= rival.fee * BigInt(entry.vsize)) refuse('insufficient fee')
    const before = fallen.reduce((sum, { fee }) => sum + fee, 0n)
    if (fallen.length > 0 && entry.fee < before + BigInt(entry.vsize)) refuse('insufficient fee')
    if (entry.tx.inputs.some(({ txid }) => fallen.some((one) => one.txid === txid)))
      refuse('bad-txns-spends-conflicting-tx')
    return fallen
  }

  #descendants(entry: Waiting): Waiting[] {
    const found: Waiting[] = []
    for (const vout of entry.tx.outputs.keys()) {
      const child = this.#waiting.get(this.#spenders.get(outPointKey({ txid: entry.txid, vout })) ?? '')
      if (child) found.push(child, ...this.#descendants(child))
    }
    return found
  }

  #put(entry: Waiting): void {
    this.#waiting.set(entry.txid, entry)
    for (const input of entry.tx.inputs) this.#spenders.set(outPointKey(input), entry.txid)
  }

  #remove(entry: Waiting): void {
    for (const one of [entry, ...this.#descendants(entry)]) this.#unlink(one)
  }

  #unlink(entry: Waiting): void {
    this.#waiting.delete(entry.txid)
    for (const input of entry.tx.inputs) {
      const key = outPointKey(input)
      if (this.#spenders.get(key) === entry.txid) this.#spenders.delete(key)
    }
  }
}

import { transactionId, virtualSize } from '../../domain/chain/codec.ts'
import { MEMPOOL_STREAM, type MempoolFact, type WaitingTransaction } from '../../domain/chain/mempool-facts.ts'
import type { Transaction } from '../../domain/chain/transaction.ts'
import type { ChainEngine, ChainEvent } from '../chain/port.ts'
import type { Clock } from '../clock/port.ts'
import type { Journal, Retaining } from '../journal/port.ts'
import type { Log } from '../log/port.ts'

/** Pause before an unreachable chain is asked again, ms. */
const RETRY_MS = 1_000
/** News that are not written yet, at the most: then the chain is not listened to until they are. */
export const MOST_NEWS = 2_000
/** The stream may have so many facts more than twice what waits; then what waits is told again, and all before is let go of. */
export const SPARE_FACTS = 20_000
/** Facts of one unit while what waits is told again. */
const KEPT_AT_ONCE = 5_000

export type MempoolWatchOptions = {
  readonly engine: ChainEngine
  /** One that cannot let go of facts keeps them all. */
  readonly journal: Journal & Partial<Pick<Retaining, 'retain' | 'describe'>>
  readonly clock: Clock
  readonly log: Log
  readonly spareFacts?: number
}

type Since = { readonly transaction: WaitingTransaction; readonly at: number }

/**
 * Writes down what enters and leaves the mempool. Many news at once are one unit: while one is written, the next gather.
 */
export class MempoolWatch {
  readonly #options: MempoolWatchOptions
  /** As the log has it, with the news. */
  readonly #waiting = new Map<string, Since>()
  /** Told by the engine since this run of `follow` began. */
  readonly #told = new Set<string>()
  /** In the blocks that were told since the last news were written. */
  #news: MempoolFact[] = []
  #version = 0
  /** Version of the oldest fact that is kept. */
  #oldest = 0
  #writing: Promise<void> | undefined
  #failed: unknown

  constructor(options: MempoolWatchOptions) {
    this.#options = options
  }

  /** Follows until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { engine, clock, log } = this.#options
    while (!signal.aborted) {
      try {
        await this.#begin()
        for await (const event of engine.follow(await engine.tip(), signal)) {
          this.#heard(event)
          if (this.#news.length >= MOST_NEWS) await this.#writing
          if (this.#failed !== undefined) throw this.#failed
        }
      } catch (error) {
        if (signal.aborted) break
        log.warn({ err: error }, 'the mempool cannot be followed; trying again')
      }
      await this.#writing
      await clock.sleep(RETRY_MS, signal).catch(() => {})
    }
    await this.#writing
  }

  /** From the log, which may have been written on by another node meanwhile. */
  async #begin(): Promise<void> {
    this.#waiting.clear()
    this.#told.clear()
    this.#news = []
    this.#failed = undefined
    const facts = await this.#options.journal.read(MEMPOOL_STREAM)
    this.#oldest = facts[0]?.version ?? 1
    this.#version = facts.at(-1)?.version ?? (await this.#options.journal.describe?.(MEMPOOL_STREAM))?.version ?? 0
    for (const { fact } of facts) this.#fold(fact as MempoolFact)
  }

  #fold(fact: MempoolFact): void {
    if (fact.type === 'mempool.left') this.#waiting.delete(fact.txid)
    else this.#waiting.set(fact.transaction.txid, { transaction: fact.transaction, at: fact.at })
  }

  #heard(event: ChainEvent): void {
    const at = this.#options.clock.now()
    switch (event.kind) {
      case 'entered': {
        const transaction = waitingOf(event.tx, event.fee, this.#waiting)
        this.#told.add(transaction.txid)
        if (!this.#waiting.has(transaction.txid)) this.#note({ type: 'mempool.entered', at, transaction })
        return
      }
      case 'left':
        this.#left(event.txid, at, 'dropped')
        return
      case 'connected':
        for (const tx of event.block.transactions) this.#left(transactionId(tx), at, 'confirmed')
        return
      case 'mempool-told':
        // What the log has and the engine does not: it left while nobody listened, and may be in a block.
        for (const txid of this.#waiting.keys()) if (!this.#told.has(txid)) this.#left(txid, at, 'dropped')
        return
      case 'disconnected':
      case 'caught-up':
        return
    }
  }

  #left(txid: string, at: number, reason: 'confirmed' | 'dropped'): void {
    this.#told.delete(txid)
    if (this.#waiting.has(txid)) this.#note({ type: 'mempool.left', at, txid, reason })
  }

  #note(fact: MempoolFact): void {
    this.#fold(fact)
    this.#news.push(fact)
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined
    })
  }

  async #write(): Promise<void> {
    try {
      while (this.#news.length > 0) {
        await this.#append(this.#news.splice(0))
        await this.#letGo()
      }
    } catch (error) {
      this.#failed = error
    }
  }

  async #append(facts: readonly MempoolFact[]): Promise<void> {
    await this.#options.journal.transact([{ stream: MEMPOOL_STREAM, expected: this.#version, facts }])
    this.#version += facts.length
  }

  async #letGo(): Promise<void> {
    const { journal, spareFacts = SPARE_FACTS } = this.#options
    if (journal.retain === undefined || this.#version - this.#oldest < 2 * this.#waiting.size + spareFacts) return
    const begin = this.#version + 1
    // News that came meanwhile are folded already and written later: to tell one of them before its time does no harm.
    const kept = [...this.#waiting.values()].map((since): MempoolFact => ({ type: 'mempool.kept', ...since }))
    for (let i = 0; i < kept.length; i += KEPT_AT_ONCE) await this.#append(kept.slice(i, i + KEPT_AT_ONCE))
    // Without anything that waits, the newest fact stays: a stream that is gone as a whole says nothing.
    this.#oldest = kept.length > 0 ? begin : this.#version
    await journal.retain(MEMPOOL_STREAM, { before: this.#oldest })
  }
}

const waitingOf = (
  tx: Transaction,
  fee: bigint | undefined,
  waiting: ReadonlyMap<string, unknown>,
): WaitingTransaction => ({
  txid: transactionId(tx),
  virtualSize: virtualSize(tx),
  inputs: tx.inputs.length,
  outputs: tx.outputs.length,
  outputSats: tx.outputs.reduce((sum, { value }) => sum + value, 0n),
  ...(fee === undefined ? {} : { fee }),
  depends: [...new Set(tx.inputs.map(({ txid }) => txid))].filter((txid) => waiting.has(txid)),
})

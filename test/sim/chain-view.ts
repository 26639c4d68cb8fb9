import type { BlockRef } from '../../domain/chain/block.ts'
import type { Transaction } from '../../domain/chain/transaction.ts'
import { Fault } from '../../domain/fault.ts'
import type { ChainEngine, ChainEvent } from '../../src/chain/port.ts'
import type { Chain } from './chain.ts'
import type { Dice } from './dice.ts'
import type { Life } from './life.ts'
import type { Timeline } from './timeline.ts'

/** Mean time of an answer, ms. */
const ANSWER_MS = 2

/** The line between one host and the chain's node. */
export class ChainLine {
  #downUntilUs = 0
  readonly #chain: Chain
  readonly #timeline: Timeline
  readonly #dice: Dice

  constructor(chain: Chain, timeline: Timeline, dice: Dice) {
    this.#chain = chain
    this.#timeline = timeline
    this.#dice = dice
  }

  /** Nothing comes through for `ms`. */
  cut(ms: number): void {
    this.#downUntilUs = Math.max(this.#downUntilUs, this.#timeline.nowUs + ms * 1_000)
    this.#chain.wake()
  }

  heal(): void {
    this.#downUntilUs = 0
  }

  /** The engine as one process has it. @param given what it really gives to the network of what its code broadcasts */
  engine(life: Life, given: (tx: Transaction) => Transaction = (tx) => tx): ChainEngine {
    const chain = this.#chain
    const ask = async <T>(answer: () => T): Promise<T> => {
      await life.later(0.1 + this.#dice.around(ANSWER_MS), () => {})
      this.#reach()
      return answer()
    }
    return {
      network: chain.network,
      description: 'the chain of a simulated world',
      tip: () => ask(() => chain.tip),
      blockAt: (height) => ask(() => chain.at(height)),
      block: (hash) => ask(() => chain.byHash(hash)),
      // As from a node that keeps no undo data.
      spent: () => ask(() => undefined),
      transaction: (txid) => ask(() => chain.find(txid)),
      output: (point) => ask(() => chain.output(point)),
      mempool: () => ask(() => chain.mempool.all()),
      broadcast: (tx) => ask(() => chain.accept(given(tx))),
      feeRate: () => ask(() => Math.max(1, chain.goingRate)),
      follow: (cursor, signal) => this.#follow(life, cursor, signal),
      mine: () => Promise.reject(new Fault('chain.cannot-mine', 'the world mines')),
      close: async () => {},
    }
  }

  async *#follow(life: Life, cursor: BlockRef | undefined, signal: AbortSignal): AsyncGenerator<ChainEvent> {
    const chain = this.#chain
    await life.later(this.#dice.around(ANSWER_MS), () => this.#reach())
    const past = pastOf(chain, cursor)
    let next = chain.events.length
    for (const event of past) {
      if (signal.aborted) return
      yield event
    }
    while (!signal.aborted) {
      await this.#grown(life, next, signal)
      if (signal.aborted) return
      await life.later(this.#dice.around(ANSWER_MS), () => this.#reach())
      for (; next < chain.events.length && !signal.aborted; next++) yield chain.events[next]!
    }
  }

  /** Resolves when there is more to tell, when that cannot be told any more, or when nobody listens. */
  #grown(life: Life, count: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const over = () => {
        signal.removeEventListener('abort', over)
        resolve()
      }
      signal.addEventListener('abort', over, { once: true })
      void life.heard(this.#chain.beyond(count)).then(over)
    })
  }

  #reach(): void {
    if (this.#downUntilUs > this.#timeline.nowUs)
      throw new Fault('chain.unreachable', 'the chain does not answer', { culprit: 'chain' })
  }
}

/** What is told to catch up, as of now. */
const pastOf = (chain: Chain, cursor: BlockRef | undefined): ChainEvent[] => {
  const past: ChainEvent[] = []
  let from = cursor && chain.byHash(cursor.hash)
  if (cursor && !from) throw new Fault('chain.cursor-unknown', 'this chain never had that block')
  for (; from && !chain.isActive(from); from = chain.byHash(from.block.header.previous)) {
    const { height, hash, block } = from
    past.push({ kind: 'disconnected', height, hash, block })
  }
  const { tip } = chain
  for (let height = from ? from.height + 1 : 0; height <= tip.height; height++) {
    const { hash, block } = chain.at(height)!
    past.push({ kind: 'connected', height, hash, block })
  }
  past.push({ kind: 'caught-up', tip })
  for (const tx of chain.mempool.all()) past.push({ kind: 'entered', tx })
  return past
}

import type { BlockRef } from '../../domain/chain/block.ts'
import { type ChainIndexFact, INDEX_STREAM, indexParts } from '../../domain/chain/index-facts.ts'
import { Fault } from '../../domain/fault.ts'
import type { ChainEngine, ChainEvent } from '../chain/port.ts'
import type { Clock } from '../clock/port.ts'
import type { Journal } from '../journal/port.ts'
import type { Log } from '../log/port.ts'

/** Pause before an unreachable chain is asked again, ms. */
const RETRY_MS = 1_000
/** Facts read at a time on the way back to a block. */
const PIECE = 50

export type IndexWatchOptions = {
  readonly engine: ChainEngine
  readonly journal: Journal
  readonly clock: Clock
  readonly log: Log
}

type At = { readonly version: number; readonly tip: BlockRef | undefined }

/**
 * Writes down who paid whom on the chain, block by block, from its first one: where the log's newest part ends is the place to go on
 * from, whenever that was. A block that is taken back is taken back with what was written of it, word for word.
 */
export class IndexWatch {
  readonly #options: IndexWatchOptions

  constructor(options: IndexWatchOptions) {
    this.#options = options
  }

  /** Follows until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { engine, clock, log } = this.#options
    while (!signal.aborted) {
      try {
        let at = await this.#at()
        for await (const event of engine.follow(at.tip, signal)) at = await this.#heard(event, at)
      } catch (error) {
        if (signal.aborted) return
        log.warn({ err: error }, 'the index of addresses cannot go on; trying again')
      }
      await clock.sleep(RETRY_MS, signal).catch(() => {})
    }
  }

  async #at(): Promise<At> {
    const [newest] = await this.#options.journal.readBackward(INDEX_STREAM, undefined, 1)
    if (newest === undefined) return { version: 0, tip: undefined }
    const { type, hash, height, previous } = newest.fact as ChainIndexFact
    if (type === 'index.connected') return { version: newest.version, tip: { hash, height } }
    return { version: newest.version, tip: height === 0 ? undefined : { hash: previous, height: height - 1 } }
  }

  async #heard(event: ChainEvent, at: At): Promise<At> {
    if (event.kind === 'connected') return this.#write(at, await this.#connected(event))
    return event.kind === 'disconnected' ? this.#write(at, await this.#disconnected(event.hash)) : at
  }

  async #write({ version, tip }: At, facts: readonly ChainIndexFact[]): Promise<At> {
    const last = facts.at(-1)
    if (last === undefined) return { version, tip }
    await this.#options.journal.transact([{ stream: INDEX_STREAM, expected: version, facts }])
    return { version: version + facts.length, tip: undefined }
  }

  async #connected({ height, hash, block }: Extract<ChainEvent, { kind: 'connected' }>): Promise<ChainIndexFact[]> {
    const { engine, clock } = this.#options
    const spent = block.transactions.length > 1 ? await engine.spent(hash) : [[]]
    if (spent === undefined)
      throw new Fault('chain.no-undo', `the node does not say what block ${height} spent`, {
        culprit: 'chain',
        next: 'Use a node that keeps its blocks and answers getblock with verbosity 3, or leave out chainIndex.',
      })
    const { previous, time } = block.header
    const at = clock.now()
    return indexParts(engine.network, block, spent).map((transactions) => ({
      type: 'index.connected',
      at,
      height,
      hash,
      previous,
      time,
      transactions,
    }))
  }

  /** What was written when the block was connected last; blocks that were taken back since stand between. */
  async #disconnected(hash: string): Promise<ChainIndexFact[]> {
    const { journal, clock } = this.#options
    const at = clock.now()
    const inverse: ChainIndexFact[] = []
    let before: number | undefined
    for (;;) {
      const piece = await journal.readBackward(INDEX_STREAM, before, PIECE)
      for (const fact of piece.map((recorded) => recorded.fact as ChainIndexFact)) {
        const isOfBlock = fact.hash === hash && fact.type === 'index.connected'
        if (!isOfBlock && inverse.length > 0) return inverse
        if (isOfBlock) inverse.push({ ...fact, type: 'index.disconnected', at })
      }
      if (piece.length === 0) return inverse
      before = piece.at(-1)!.version
    }
  }
}

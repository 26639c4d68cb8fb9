import type { Block, BlockRef } from '../../domain/chain/block.ts'
import { transactionId } from '../../domain/chain/codec.ts'
import { CHAIN_STREAM, type ChainFact } from '../../domain/chain/facts.ts'
import { followedChain, REMEMBERED_BLOCKS } from '../../domain/chain/following.ts'
import { summaryOfBlock } from '../../domain/chain/summary.ts'
import { isRefusal } from '../../domain/fact.ts'
import { Fault } from '../../domain/fault.ts'
import { channelStream } from '../../domain/ids.ts'
import type { ChainEngine, ChainEvent } from '../chain/port.ts'
import type { Clock } from '../clock/port.ts'
import type { Journal } from '../journal/port.ts'
import type { Streams } from '../journal/streams.ts'
import { channelRules } from '../lease/ledger.ts'
import type { Log } from '../log/port.ts'
import {
  add,
  blockPlan,
  enteredPlan,
  type Identified,
  leftPlan,
  type Plan,
  type Rules,
  undonePlan,
} from './chain-plan.ts'
import type { Watched } from './watched.ts'

/** Pause before an unreachable chain is asked again, ms. */
const RETRY_MS = 1_000

export type ChainWatchOptions = {
  readonly engine: ChainEngine
  readonly journal: Journal
  readonly streams: Streams
  readonly clock: Clock
  readonly log: Log
  readonly watched: Watched
}

/**
 * Turns what the chain says into facts of this node: blocks, announcements and their bonds, channels funded and spent, leases
 * settled. All facts of one block are one unit with the block itself, so the log's newest block is the place to go on from.
 */
export class ChainWatch {
  readonly #options: ChainWatchOptions
  readonly #watched: Watched
  /** Leases whose funding was looked for in the blocks before; those to come tell it. */
  #looked = new Set<string>()
  /** Blocks that were taken back since the newest was connected, newest first. */
  #gone: BlockRef[] = []

  constructor(options: ChainWatchOptions) {
    this.#options = options
    this.#watched = options.watched
  }

  /** Follows until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { engine, streams, clock, log } = this.#options
    while (!signal.aborted) {
      try {
        const { state } = await streams.load(followedChain, CHAIN_STREAM)
        this.#gone = await this.#takenBack()
        for await (const event of engine.follow(state.recent.at(-1), signal)) await this.#heard(event)
        // An engine that was closed ends at once, each time: without the pause below nothing else would run in this process.
      } catch (error) {
        if (signal.aborted) return
        log.warn({ err: error }, 'the chain cannot be followed; trying again')
      }
      await clock.sleep(RETRY_MS, signal).catch(() => {})
    }
  }

  /** From the log: a process may have ended in the middle of a reorganisation. */
  async #takenBack(): Promise<BlockRef[]> {
    const { journal } = this.#options
    const [last] = await journal.readBackward(CHAIN_STREAM, undefined, 1)
    if (last?.fact.type !== 'chain.disconnected') return []
    const newest = await journal.readBackward(CHAIN_STREAM, undefined, REMEMBERED_BLOCKS)
    const facts = newest.map(({ fact }) => fact as ChainFact)
    const connected = facts.findIndex(({ type }) => type !== 'chain.disconnected')
    return facts.slice(0, connected < 0 ? facts.length : connected).reverse()
  }

  async #heard(event: ChainEvent): Promise<void> {
    await this.#watched.catchUp()
    const at = this.#options.clock.now()
    switch (event.kind) {
      case 'connected':
        return await this.#connected(event.height, event.hash, event.block, at)
      case 'disconnected': {
        const { height, hash, block } = event
        const plan = undonePlan(this.#watched, identified(block), at, height)
        await this.#apply({ kind: 'disconnect', at, height, hash }, plan)
        this.#gone.push({ hash, height })
        return
      }
      case 'entered': {
        const plan = enteredPlan(this.#watched, { tx: event.tx, txid: transactionId(event.tx) }, at)
        if (plan.size > 0) await this.#apply(undefined, plan)
        return
      }
      case 'left': {
        const plan = leftPlan(this.#watched, event.txid, at)
        if (plan.size > 0) await this.#apply(undefined, plan)
        return
      }
      case 'caught-up':
      case 'mempool-told':
        return
    }
  }

  async #connected(height: number, hash: string, block: Block, at: number): Promise<void> {
    const { engine } = this.#options
    this.#watched.reach(height)
    const { previous, time } = block.header
    const spent = block.transactions.length > 1 ? await engine.spent(hash) : undefined
    const { transactions, totals } = summaryOfBlock(engine.network, height, block, spent)
    const plan = blockPlan(this.#watched, identified(block), at, height)
    await this.#missed(plan, at, height)
    const gone = this.#gone
    await this.#apply({ kind: 'connect', at, height, hash, previous, time, transactions, totals, gone }, plan)
    this.#gone = []
  }

  /**
   * A funding may be in a block before the log says that a channel waits for it, as when a process died between the two. Such a
   * block was heard, and meant nothing then.
   */
  async #missed(plan: Plan, at: number, height: number): Promise<void> {
    const unopened = this.#watched.unopened()
    for (const { leaseId, txid } of unopened) {
      if (this.#looked.has(leaseId)) continue
      const found = await this.#options.engine.transaction(txid)
      if (found?.block && found.block.height < height)
        add(plan, channelStream(leaseId), channelRules, { kind: 'open', at, height: found.block.height })
    }
    this.#looked = new Set(unopened.map(({ leaseId }) => leaseId))
  }

  async #apply(follow: object | undefined, plan: Plan): Promise<void> {
    const { streams, log } = this.#options
    for (;;) {
      const names = [...plan.keys()]
      const steps = names.map((stream) => ({
        stream,
        decider: plan.get(stream)!.decider,
        command: plan.get(stream)!.commands,
      }))
      const block = follow ? [{ stream: CHAIN_STREAM, decider: followedChain as Rules, command: follow }] : []
      const done = await streams.transact([...block, ...steps])
      if (!isRefusal(done)) return
      const refused = names[(done as { step: number }).step - block.length]
      if (refused === undefined)
        throw new Fault('chain.out-of-order', `the chain engine told blocks out of order: ${done.why}`, {
          culprit: 'chain',
        })
      // One stream that has other ideas must not keep the block out of the log.
      log.warn(
        { stream: refused, refused: done.refused, why: done.why },
        'the chain says what a stream does not accept',
      )
      plan.delete(refused)
    }
  }
}

const identified = (block: Block): Identified[] => block.transactions.map((tx) => ({ tx, txid: transactionId(tx) }))

import { announcement } from '../../domain/announcement/announcement.ts'
import { announcementIn } from '../../domain/announcement/on-chain.ts'
import { toHex } from '../../domain/bytes.ts'
import type { Block } from '../../domain/chain/block.ts'
import { transactionId, virtualSize } from '../../domain/chain/codec.ts'
import { CHAIN_STREAM, type TransactionSummary } from '../../domain/chain/facts.ts'
import { followedChain } from '../../domain/chain/following.ts'
import type { Transaction, TxInput } from '../../domain/chain/transaction.ts'
import { spendKind } from '../../domain/channel/script.ts'
import { inSequence } from '../../domain/decider.ts'
import { isRefusal } from '../../domain/fact.ts'
import { Fault } from '../../domain/fault.ts'
import { announcementStream, channelStream, leaseStream } from '../../domain/ids.ts'
import type { ChainEngine, ChainEvent } from '../chain/port.ts'
import type { Clock } from '../clock/port.ts'
import type { Streams } from '../journal/streams.ts'
import { channelRules, leaseRules } from '../lease/ledger.ts'
import type { Log } from '../log/port.ts'
import type { Watched } from './watched.ts'

/** Every writer of announcements uses these, so that folded states are shared. */
export const announcementRules = inSequence(announcement)

/** Pause before an unreachable chain is asked again, ms. */
const RETRY_MS = 1_000

export type ChainWatchOptions = {
  readonly engine: ChainEngine
  readonly streams: Streams
  readonly clock: Clock
  readonly log: Log
  readonly watched: Watched
}

type Rules = Parameters<Streams['transact']>[0][number]['decider']
type Plan = Map<string, { readonly decider: Rules; readonly commands: object[] }>

/**
 * Turns what the chain says into facts of this node: blocks, announcements and their bonds, channels funded and spent, leases
 * settled. All facts of one block are one unit with the block itself, so the log's newest block is the place to go on from.
 */
export class ChainWatch {
  readonly #options: ChainWatchOptions
  readonly #watched: Watched
  /** Leases whose funding was looked for in the blocks before; those to come tell it. */
  #looked = new Set<string>()

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
        for await (const event of engine.follow(state.recent.at(-1), signal)) await this.#heard(event)
        // An engine that was closed ends at once, each time: without the pause below nothing else would run in this process.
      } catch (error) {
        if (signal.aborted) return
        log.warn({ err: error }, 'the chain cannot be followed; trying again')
      }
      await clock.sleep(RETRY_MS, signal).catch(() => {})
    }
  }

  async #heard(event: ChainEvent): Promise<void> {
    await this.#watched.catchUp()
    const at = this.#options.clock.now()
    switch (event.kind) {
      case 'connected': {
        const { height, hash, block } = event
        this.#watched.reach(height)
        const { previous, time } = block.header
        const transactions = block.transactions.map(summary)
        const plan: Plan = new Map()
        await this.#missed(plan, at, height)
        for (const tx of block.transactions) this.#transaction(plan, tx, at, height)
        for (const [txid, expiryHeight] of this.#watched.standing) {
          if (height >= expiryHeight)
            add(plan, announcementStream(txid), announcementRules, { kind: 'expire', at, height })
        }
        return await this.#apply({ kind: 'connect', at, height, hash, previous, time, transactions }, plan)
      }
      case 'disconnected':
        return await this.#apply(
          { kind: 'disconnect', at, height: event.height, hash: event.hash },
          this.#undone(event.block, at),
        )
      case 'entered': {
        const plan: Plan = new Map()
        this.#transaction(plan, event.tx, at, undefined)
        if (plan.size > 0) await this.#apply(undefined, plan)
        return
      }
      case 'caught-up':
        return
    }
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

  /** What one transaction means to this node; `height` when it is in a block. */
  #transaction(plan: Plan, tx: Transaction, at: number, height: number | undefined): void {
    const txid = transactionId(tx)
    const found = announcementIn(tx)
    if (found) {
      add(plan, announcementStream(txid), announcementRules, { kind: 'see', at, txid, ...found })
      if (height !== undefined) add(plan, announcementStream(txid), announcementRules, { kind: 'confirm', at, height })
    }
    for (const input of tx.inputs) {
      const bond = this.#watched.bond(input)
      if (bond) add(plan, announcementStream(bond), announcementRules, { kind: 'withdraw', at, by: txid })
      const leaseId = this.#watched.funding(input)
      if (leaseId && height !== undefined) this.#spent(plan, leaseId, tx, input, at, height)
    }
    if (height === undefined) return
    for (const leaseId of this.#watched.fundedBy(txid))
      add(plan, channelStream(leaseId), channelRules, { kind: 'open', at, height })
  }

  #spent(plan: Plan, leaseId: string, tx: Transaction, input: TxInput, at: number, height: number): void {
    const txid = transactionId(tx)
    if (spendKind(tx, input) === 'refund') {
      add(plan, channelStream(leaseId), channelRules, { kind: 'refunded', at, txid, height })
      add(plan, leaseStream(leaseId), leaseRules, { kind: 'refund', at, txid, height })
      return
    }
    const returned = tx.outputs[tx.inputs.indexOf(input)]
    add(plan, channelStream(leaseId), channelRules, { kind: 'closed', at, txid, height })
    add(plan, leaseStream(leaseId), leaseRules, {
      kind: 'settle',
      at,
      txid,
      height,
      returned: returned && { sats: returned.value, script: toHex(returned.script) },
    })
  }

  /** The inverse of a block, as far as it concerns announcements and channels. */
  #undone(block: Block, at: number): Plan {
    const plan: Plan = new Map()
    // Last first: a spend is taken back before what it spends.
    for (const tx of [...block.transactions].reverse()) {
      const txid = transactionId(tx)
      if (this.#watched.standing.has(txid))
        add(plan, announcementStream(txid), announcementRules, { kind: 'unconfirm', at })
      for (const input of tx.inputs) {
        const bond = this.#watched.bond(input)
        if (bond) add(plan, announcementStream(bond), announcementRules, { kind: 'restore', at })
        const leaseId = this.#watched.funding(input)
        if (leaseId) add(plan, channelStream(leaseId), channelRules, { kind: 'reopen', at })
      }
      for (const leaseId of this.#watched.fundedBy(txid))
        add(plan, channelStream(leaseId), channelRules, { kind: 'unopen', at })
    }
    return plan
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

const add = (plan: Plan, stream: string, decider: unknown, command: object): void => {
  const planned = plan.get(stream)
  if (planned) planned.commands.push(command)
  else plan.set(stream, { decider: decider as Rules, commands: [command] })
}

const summary = (tx: Transaction): TransactionSummary => ({
  txid: transactionId(tx),
  coinbase: tx.inputs[0]?.vout === 0xffffffff,
  outputSats: tx.outputs.reduce((sum, output) => sum + output.value, 0n),
  inputs: tx.inputs.length,
  outputs: tx.outputs.length,
  virtualSize: virtualSize(tx),
})

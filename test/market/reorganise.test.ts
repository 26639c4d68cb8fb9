import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../domain/bytes.ts'
import { transactionId } from '../../domain/chain/codec.ts'
import { CHAIN_STREAM } from '../../domain/chain/facts.ts'
import { followedChain } from '../../domain/chain/following.ts'
import { type ChainIndexFact, INDEX_STREAM, indexParts } from '../../domain/chain/index-facts.ts'
import { networkNamed } from '../../domain/chain/network.ts'
import { summaryOfBlock } from '../../domain/chain/summary.ts'
import { outPointKey } from '../../domain/chain/transaction.ts'
import { channel } from '../../domain/channel/channel.ts'
import type { Decider } from '../../domain/decider.ts'
import { type Fact, isRefusal } from '../../domain/fact.ts'
import { channelStream } from '../../domain/ids.ts'
import { balanceOf } from '../../domain/wallet/coins.ts'
import { evolveWallet } from '../../domain/wallet/evolve.ts'
import { historyOf } from '../../domain/wallet/history.ts'
import { valuesOf } from '../../domain/wallet/keyed.ts'
import { initialWallet } from '../../domain/wallet/state.ts'
import type { Table } from '../../projections/table.ts'
import { TABLES } from '../../projections/tables.ts'
import { blockPlan, enteredPlan, type Plan, undonePlan } from '../../src/market/chain-plan.ts'
import { WATCHED_TYPES, type WatchedFact } from '../../src/market/watched-facts.ts'
import { WatchedThings } from '../../src/market/watched-things.ts'
import { factsOf } from '../../src/wallet/follower.ts'
import { CHANNEL } from '../domain/channel/sample.ts'
import { fold } from '../projections/fold.ts'
import { type Channel, OUR_SCRIPT, type RandomBlock, randomChain } from './random-chain.ts'

const NETWORK = networkNamed('regtest')
const AT = 1
const PIECE = 4

type AnyDecider = Decider<unknown, unknown, Fact>
const rules = (decider: unknown): AnyDecider => decider as AnyDecider

/** A log and its states, folded as a node folds them, without a node. */
class World {
  readonly log: [stream: string, fact: Fact][] = []
  readonly states = new Map<string, unknown>()
  readonly #known = new WatchedThings()
  readonly #indexed = new Map<string, Extract<ChainIndexFact, { type: 'index.connected' }>[]>()
  wallet = initialWallet

  constructor(channels: readonly Channel[], closes: boolean) {
    for (const { leaseId, funding, spend, refunds } of channels) {
      const stream = channelStream(leaseId)
      this.#command(stream, rules(channel), { kind: 'propose', at: AT, terms: CHANNEL })
      this.#command(stream, rules(channel), { kind: 'fund', at: AT, txid: transactionId(funding), vout: 0, raw: '00' })
      this.#command(stream, rules(channel), { kind: 'pay', at: AT, paid: 1_000n, signature: '00' })
      // A spend of its own waits: what a block with it takes away has to come back.
      const own = { at: AT, txid: transactionId(spend), raw: '11' }
      const command = refunds ? { kind: 'refund', ...own, height: CHANNEL.expiryHeight } : { kind: 'close', ...own }
      if (closes) this.#command(stream, rules(channel), command)
    }
  }

  connect({ height, hash, block, spent, entered }: RandomBlock): void {
    for (const tx of entered) {
      this.#plan(enteredPlan(this.#known, { tx, txid: transactionId(tx) }, AT))
      this.#wallet({ kind: 'entered', tx })
    }
    const { previous, time } = block.header
    const ids = block.transactions.map((tx) => ({ tx, txid: transactionId(tx) }))
    const plan = blockPlan(this.#known, ids, AT, height)
    this.#command(CHAIN_STREAM, rules(followedChain), {
      ...{ kind: 'connect', at: AT, height, hash, previous, time },
      ...summaryOfBlock(NETWORK, height, block, spent),
    })
    this.#plan(plan)
    const parts = indexParts(NETWORK, block, spent, PIECE).map((transactions) => ({
      ...({ type: 'index.connected', at: AT, height, hash, previous, time } as const),
      transactions,
    }))
    this.#indexed.set(hash, parts)
    for (const fact of parts) this.#note(INDEX_STREAM, fact)
    this.#wallet({ kind: 'connected', height, hash, block })
  }

  disconnect({ height, hash, block }: RandomBlock): void {
    const ids = block.transactions.map((tx) => ({ tx, txid: transactionId(tx) }))
    const plan = undonePlan(this.#known, ids, AT, height)
    this.#command(CHAIN_STREAM, rules(followedChain), { kind: 'disconnect', at: AT, height, hash })
    this.#plan(plan)
    for (const fact of this.#indexed.get(hash)!.toReversed())
      this.#note(INDEX_STREAM, { ...fact, type: 'index.disconnected' } as ChainIndexFact)
    this.#wallet({ kind: 'disconnected', height, hash, block })
  }

  /** The wallet hears that transactions wait. */
  wait({ block }: RandomBlock): void {
    for (const tx of block.transactions.slice(1)) this.#wallet({ kind: 'entered', tx })
  }

  /** Rows of every table, without their places in the log; but for those that tell that there was a reorganisation. */
  rows(): Record<string, unknown> {
    const plain = ([id, { position: _, ...row }]: [string, { position?: number }]) => [id, row] as const
    return Object.fromEntries(
      TABLES.filter(({ name }) => name !== 'notifications' && name !== 'reorganisations').map((table) => [
        table.name,
        new Map([...fold(table as unknown as Table<{ position?: number }>, this.log)].map(plain)),
      ]),
    )
  }

  /** What the wallet has, and what it tells its owner of what counts. */
  coins() {
    const tip = { height: 1_000, maturity: 1 }
    return {
      balance: balanceOf(this.wallet, tip),
      coins: new Map([...valuesOf(this.wallet.coins)].map((coin) => [outPointKey(coin), coin])),
      history: historyOf(this.wallet, 1_000)
        .filter(({ dropped }) => !dropped)
        .sort((a, b) => a.txid.localeCompare(b.txid)),
    }
  }

  #plan(plan: Plan): void {
    for (const [stream, { decider, commands }] of plan) {
      if (!stream.startsWith('lease-')) this.#command(stream, rules(decider), commands)
    }
  }

  #command(stream: string, decider: AnyDecider, command: unknown): void {
    const state = this.states.get(stream) ?? decider.initial
    const facts = decider.decide(command, state)
    if (isRefusal(facts)) throw new Error(`${stream}: ${facts.why}`)
    this.states.set(stream, facts.reduce(decider.evolve, state))
    for (const fact of facts) this.#note(stream, fact)
  }

  #note(stream: string, fact: Fact): void {
    this.log.push([stream, fact])
    if ((WATCHED_TYPES as readonly string[]).includes(fact.type))
      this.#known.fold(stream.slice(stream.indexOf('-') + 1), fact as WatchedFact)
  }

  #wallet(event: Parameters<typeof factsOf>[1]): void {
    const ours = toHex(OUR_SCRIPT)
    const facts = factsOf(this.wallet, event, AT, (script) =>
      script === ours ? { account: 'receive', index: 0 } : undefined,
    )
    this.wallet = facts.reduce(evolveWallet, this.wallet)
  }
}

/** States of streams as values: those that never began, and those that are back at their beginning, are the same. */
const plainStates = (world: World) =>
  Object.fromEntries(
    [...world.states].flatMap(([stream, state]) => {
      const { value, context, recent } = state as { value?: unknown; context?: unknown; recent?: unknown }
      return value === 'unknown' ? [] : [[stream, recent ?? { value, context }]]
    }),
  )

const LENGTH = 30
const chains = fc.tuple(randomChain(LENGTH), fc.integer({ min: 1, max: 20 }), fc.boolean())

describe('a reorganisation of any depth to 20', { timeout: 120_000 }, () => {
  it('leaves every state and every row as if its blocks had never been', () => {
    fc.assert(
      fc.property(chains, ([{ blocks, channels }, depth, closes]) => {
        const kept = blocks.slice(0, LENGTH - depth)
        const gone = blocks.slice(LENGTH - depth).map((block) => ({ ...block, entered: [] }))
        const there = new World(channels, closes)
        const back = new World(channels, closes)
        for (const block of kept) for (const world of [there, back]) world.connect(block)
        for (const block of gone) back.connect(block)
        for (const block of gone.toReversed()) back.disconnect(block)
        expect(plainStates(back)).toEqual(plainStates(there))
        expect(back.rows()).toEqual(there.rows())
        for (const block of gone) for (const world of [there, back]) world.wait(block)
        expect(back.coins()).toEqual(there.coins())
      }),
      { numRuns: 60 },
    )
  })

  it('is gone through on the way to another branch: the same blocks again give the same', () => {
    fc.assert(
      fc.property(chains, ([{ blocks, channels }, depth, closes]) => {
        const gone = blocks.slice(LENGTH - depth)
        const straight = new World(channels, closes)
        const around = new World(channels, closes)
        for (const block of blocks) for (const world of [straight, around]) world.connect(block)
        for (const block of gone.toReversed()) around.disconnect(block)
        for (const block of gone) around.connect({ ...block, entered: [] })
        expect(around.coins().balance).toEqual(straight.coins().balance)
        const chainRows = ({ blocks, transactions, block_fees, addresses, address_transactions, outputs }: Rows) => ({
          ...{ blocks, transactions, block_fees, addresses, address_transactions, outputs },
        })
        expect(chainRows(around.rows())).toEqual(chainRows(straight.rows()))
      }),
      { numRuns: 30 },
    )
  })

  it('is tried on chains that have what it is about', () => {
    const seen = new Set<string>()
    const samples = fc.sample(chains, { numRuns: 60, seed: 7 })
    for (const [{ blocks, channels }, depth, closes] of samples) {
      const world = new World(channels, closes)
      for (const block of blocks) world.connect(block)
      for (const block of blocks.slice(LENGTH - depth).toReversed()) world.disconnect(block)
      for (const [, { type }] of world.log) seen.add(type)
    }
    const { blocks } = samples[0]![0]
    expect(
      blocks.flatMap(({ block }) => block.transactions.flatMap(({ inputs }) => inputs)).map(outPointKey),
    ).not.toEqual([])
    for (const type of [
      ...['seen', 'unseen', 'confirmed', 'unconfirmed', 'withdrawn', 'restored', 'expired', 'unexpired'].map(
        (it) => `announcement.${it}`,
      ),
      ...['opened', 'unopened', 'closing', 'closed', 'refunding', 'refunded', 'reopened'].map((it) => `channel.${it}`),
      ...['chain.connected', 'chain.disconnected', 'index.connected', 'index.disconnected'],
    ])
      expect(seen).toContain(type)
  })
})

type Rows = Record<string, unknown>

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex } from '../../../domain/bytes.ts'
import type { Block } from '../../../domain/chain/block.ts'
import { transactionId } from '../../../domain/chain/codec.ts'
import { nullData } from '../../../domain/chain/script.ts'
import { type OutPoint, outPointKey, type Transaction, type TxOutput } from '../../../domain/chain/transaction.ts'
import { balanceOf, spendable } from '../../../domain/wallet/coins.ts'
import { evolveWallet } from '../../../domain/wallet/evolve.ts'
import type { WalletFact } from '../../../domain/wallet/facts.ts'
import { historyOf } from '../../../domain/wallet/history.ts'
import type { KeyPath } from '../../../domain/wallet/key-path.ts'
import { valuesOf } from '../../../domain/wallet/keyed.ts'
import { observeBlock, observeTransaction, observeUndo } from '../../../domain/wallet/observe.ts'
import { initialWallet, type WalletState } from '../../../domain/wallet/state.ts'

const AT = 1_700_000_000_000
const OURS = ['aa00', 'aa01', 'aa02']
const IDENTITY = 'aaff'
const FOREIGN = 'bb00'
const keyPathOf = (script: string): KeyPath | undefined =>
  script === IDENTITY
    ? { account: 'identity', index: 0 }
    : OURS.includes(script)
      ? { account: 'receive', index: OURS.indexOf(script) }
      : undefined

let serial = 0
/** Lock times make equal-looking transactions different. */
const transaction = (inputs: readonly OutPoint[], outputs: readonly TxOutput[]): Transaction => ({
  version: 2,
  inputs: inputs.map((point) => ({ ...point, scriptSig: new Uint8Array(0), sequence: 0, witness: [] })),
  outputs,
  lockTime: ++serial,
})
const coinbase = (outputs: readonly TxOutput[]) => transaction([{ txid: '0'.repeat(64), vout: 0xffffffff }], outputs)
const pays = (script: string, value: bigint): TxOutput => ({ value, script: fromHex(script) })
const blockOf = (transactions: readonly Transaction[]): Block => ({
  header: { version: 1, previous: '0'.repeat(64), merkleRoot: '0'.repeat(64), time: 0, bits: 0, nonce: 0 },
  transactions,
})
const point = (tx: Transaction, vout = 0): OutPoint => ({ txid: transactionId(tx), vout })
const fold = (state: WalletState, facts: readonly WalletFact[]) => facts.reduce(evolveWallet, state)
const enter = (state: WalletState, tx: Transaction) => fold(state, observeTransaction(state, tx, { at: AT }, keyPathOf))
const connect = (state: WalletState, height: number, transactions: readonly Transaction[]) =>
  fold(state, observeBlock(state, blockOf(transactions), { at: AT, height }, keyPathOf))
const undo = (state: WalletState, height: number, transactions: readonly Transaction[]) =>
  fold(state, observeUndo(state, blockOf(transactions), { at: AT, height }, keyPathOf))
const content = (state: WalletState) => ({
  coins: [...valuesOf(state.coins)].sort((a, b) => (outPointKey(a) < outPointKey(b) ? -1 : 1)),
  transactions: [...valuesOf(state.transactions)].sort((a, b) => a.order - b.order),
})
const tip = { height: 200, maturity: 100 }

describe('observing the chain', () => {
  it('counts what is paid to us, and only that', () => {
    const tx = transaction([point(coinbase([]))], [pays('aa00', 5n), pays(FOREIGN, 7n), pays('aa01', 11n)])
    expect(balanceOf(enter(initialWallet, tx), tip)).toEqual({
      confirmed: 0n,
      unconfirmed: 16n,
      immature: 0n,
      reserved: 0n,
    })
    expect(balanceOf(connect(initialWallet, 10, [tx]), tip).confirmed).toBe(16n)
    expect(
      observeTransaction(initialWallet, transaction([point(tx)], [pays(FOREIGN, 1n)]), { at: AT }, keyPathOf),
    ).toEqual([])
  })

  it('holds a coinbase back until it is mature', () => {
    const state = connect(initialWallet, 101, [coinbase([pays('aa00', 50n)])])
    expect(balanceOf(state, { height: 199, maturity: 100 })).toMatchObject({ immature: 50n, confirmed: 0n })
    expect(balanceOf(state, { height: 200, maturity: 100 })).toMatchObject({ immature: 0n, confirmed: 50n })
    expect(spendable(state, { height: 199, maturity: 100 })).toHaveLength(0)
    expect(spendable(state, { height: 200, maturity: 100 })).toHaveLength(1)
  })

  it('does not spend what others have not confirmed, nor bonds, nor the identity’s coins', () => {
    const foreign = transaction([point(coinbase([]))], [pays('aa00', 5n)])
    expect(spendable(enter(initialWallet, foreign), tip)).toEqual([])
    const announcement = transaction(
      [point(foreign)],
      [{ value: 0n, script: nullData(new Uint8Array(80)) }, pays(IDENTITY, 1_000n), pays(IDENTITY, 70n)],
    )
    const state = connect(initialWallet, 5, [foreign, announcement])
    expect(spendable(state, tip)).toEqual([])
    expect(spendable(state, tip, 'identity').map((coin) => coin.value)).toEqual([70n])
    expect(balanceOf(state, tip).confirmed).toBe(1_070n)
  })

  it('gives coins back when a reorganisation replaces the payment that spent them', () => {
    const base = coinbase([pays('aa00', 50n)])
    const spend = transaction([point(base)], [pays(FOREIGN, 40n), pays('aa01', 10n)])
    const child = transaction([point(spend, 1)], [pays(FOREIGN, 9n)])
    const rival = transaction([point(base)], [pays('aa02', 30n)])
    let state = connect(initialWallet, 1, [base])
    const before = balanceOf(state, tip)
    state = connect(state, 150, [spend, child])
    expect(balanceOf(state, tip)).toEqual({ confirmed: 0n, unconfirmed: 0n, immature: 0n, reserved: 0n })
    state = undo(state, 150, [spend, child])
    state = connect(state, 150, [rival])
    expect(balanceOf(state, tip).confirmed).toBe(30n)
    expect(historyOf(state, 10).filter((entry) => entry.dropped)).toHaveLength(2)
    state = undo(state, 150, [rival])
    expect(balanceOf(state, tip).unconfirmed).toBe(30n)
    state = connect(state, 150, [spend, child])
    expect(balanceOf(state, tip).confirmed).toBe(0n)
    expect(before.confirmed).toBe(50n)
  })

  it('loses a coinbase, and all that spends it, with its block', () => {
    const base = coinbase([pays('aa00', 50n)])
    const child = transaction([point(base)], [pays('aa01', 49n)])
    const state = connect(connect(initialWallet, 1, [base]), 150, [child])
    const back = undo(undo(state, 150, [child]), 1, [base])
    expect(content(back).coins).toEqual([])
    expect(balanceOf(back, tip)).toEqual({ confirmed: 0n, unconfirmed: 0n, immature: 0n, reserved: 0n })
  })

  it('ignores news from the mempool that a block has overtaken', () => {
    const base = coinbase([pays('aa00', 50n)])
    const mined = transaction([point(base)], [pays('aa01', 40n)])
    const late = transaction([point(base)], [pays('aa02', 30n)])
    const state = connect(connect(initialWallet, 1, [base]), 150, [mined])
    expect(observeTransaction(state, late, { at: AT }, keyPathOf)).toEqual([])
    expect(observeTransaction(state, mined, { at: AT }, keyPathOf)).toEqual([])
  })
})

/** A small world: transactions over a few outputs, in the mempool and in blocks, with rivals and reorganisations. */
type World = { state: WalletState; chain: Transaction[][]; seen: Transaction[]; facts: WalletFact[] }

const unspentIn = (chain: readonly Transaction[][]): OutPoint[] => {
  const all = chain.flat()
  const spent = new Set(all.flatMap((tx) => tx.inputs.map(outPointKey)))
  return all
    .flatMap((tx) => tx.outputs.map((_, vout) => point(tx, vout)))
    .filter((each) => !spent.has(outPointKey(each)))
}

const scripts = [...OURS, IDENTITY, FOREIGN]

const step = (world: World, pick: (below: number) => number): void => {
  const note = (facts: readonly WalletFact[]) => {
    world.facts.push(...facts)
    world.state = fold(world.state, facts)
  }
  const height = world.chain.length
  switch (pick(4)) {
    case 0: {
      // A new transaction, perhaps a rival of one before, enters the mempool.
      const from = unspentIn(world.chain)
      if (from.length === 0) return
      const outputs = [pays(scripts[pick(5)]!, BigInt(1 + pick(50))), pays(scripts[pick(5)]!, BigInt(1 + pick(50)))]
      const inputs = new Map(
        [from[pick(from.length)]!, from[pick(from.length)]!].map((each) => [outPointKey(each), each]),
      )
      const tx = transaction([...inputs.values()], outputs)
      world.seen.push(tx)
      note(observeTransaction(world.state, tx, { at: AT }, keyPathOf))
      return
    }
    case 1:
    case 2: {
      const block = [coinbase([pays(scripts[pick(5)]!, 50n)])]
      for (const tx of world.seen) {
        const free = new Set(unspentIn([...world.chain, block]).map(outPointKey))
        if (pick(2) === 0 && tx.inputs.every((input) => free.has(outPointKey(input)))) block.push(tx)
      }
      note(observeBlock(world.state, blockOf(block), { at: AT, height }, keyPathOf))
      // Seen again (a crash before the note): nothing changes.
      expect(observeBlock(world.state, blockOf(block), { at: AT, height }, keyPathOf)).toEqual([])
      world.chain.push(block)
      return
    }
    default: {
      const block = world.chain.pop()
      if (block === undefined) return
      note(observeUndo(world.state, blockOf(block), { at: AT, height: height - 1 }, keyPathOf))
      expect(observeUndo(world.state, blockOf(block), { at: AT, height: height - 1 }, keyPathOf)).toEqual([])
    }
  }
}

describe('observing any history', () => {
  const choices = fc.array(fc.nat(1_000_000), { minLength: 20, maxLength: 400 })
  const run = (numbers: readonly number[], check: (world: World) => void): void => {
    let at = 0
    const world: World = { state: initialWallet, chain: [], seen: [], facts: [] }
    while (at < numbers.length) {
      step(world, (below) => (numbers[at++] ?? 0) % below)
      check(world)
    }
  }

  it('knows exactly the unspent outputs that the chain has for us', () => {
    fc.assert(
      fc.property(choices, (numbers) =>
        run(numbers, ({ state, chain }) => {
          const made = new Map(chain.flat().map((tx) => [transactionId(tx), tx]))
          const isOurs = ({ txid, vout }: OutPoint) =>
            keyPathOf(Buffer.from(made.get(txid)!.outputs[vout]!.script).toString('hex')) !== undefined
          const expected = unspentIn(chain).filter(isOurs).map(outPointKey)
          const heights = new Map(content(state).transactions.map((tx) => [tx.txid, tx.height]))
          const inBlock = (txid: string | undefined) => txid !== undefined && heights.get(txid) !== undefined
          const confirmed = [...valuesOf(state.coins)].filter((coin) => inBlock(coin.txid) && !inBlock(coin.spentBy))
          expect(confirmed.map(outPointKey).sort()).toEqual(expected.sort())
        }),
      ),
      { numRuns: 60 },
    )
  })

  it('keeps money: coins = received - spent over the transactions that count', () => {
    fc.assert(
      fc.property(choices, (numbers) =>
        run(numbers, ({ state }) => {
          let coins = 0n
          for (const coin of valuesOf(state.coins)) if (coin.spentBy === undefined) coins += coin.value
          const moved = historyOf(state, Number.MAX_SAFE_INTEGER).reduce((total, entry) => total + entry.change, 0n)
          expect(coins).toBe(moved)
        }),
      ),
      { numRuns: 60 },
    )
  })

  it('folds to the same state from its facts alone', () => {
    fc.assert(
      fc.property(choices, (numbers) => {
        let last: World | undefined
        run(numbers, (world) => {
          last = world
        })
        if (last !== undefined) expect(content(fold(initialWallet, last.facts))).toEqual(content(last.state))
      }),
      { numRuns: 30 },
    )
  })

  it('undoes a block exactly, when its transactions were known before', () => {
    fc.assert(
      fc.property(choices, (numbers) =>
        run(numbers, ({ state, chain, seen }) => {
          const free = new Set(unspentIn(chain).map(outPointKey))
          const waiting = new Set(
            content(state)
              .transactions.filter((tx) => tx.height === undefined && !tx.dropped)
              .map((tx) => tx.txid),
          )
          const tx = seen.find(
            (each) => waiting.has(transactionId(each)) && each.inputs.every((input) => free.has(outPointKey(input))),
          )
          if (tx === undefined) return
          const back = undo(connect(state, chain.length, [tx]), chain.length, [tx])
          expect(content(back)).toEqual(content(state))
        }),
      ),
      { numRuns: 40 },
    )
  })
})

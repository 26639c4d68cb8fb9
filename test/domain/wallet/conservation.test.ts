import fc from 'fast-check'
import { expect, it } from 'vitest'
import { toHex } from '../../../domain/bytes.ts'
import type { Block } from '../../../domain/chain/block.ts'
import { transactionId, virtualSize } from '../../../domain/chain/codec.ts'
import { genesisBlock } from '../../../domain/chain/genesis.ts'
import { networkNamed } from '../../../domain/chain/network.ts'
import { outPointKey, type Transaction, type TxOutput } from '../../../domain/chain/transaction.ts'
import { verifyInput } from '../../../domain/chain/verify-input.ts'
import { isRefusal } from '../../../domain/fact.ts'
import { draftBump } from '../../../domain/wallet/bump.ts'
import { balanceOf } from '../../../domain/wallet/coins.ts'
import { commitFacts, replaceFacts, type Signed } from '../../../domain/wallet/commit.ts'
import { type Draft, draftPayment } from '../../../domain/wallet/draft.ts'
import { evolveWallet } from '../../../domain/wallet/evolve.ts'
import type { WalletFact } from '../../../domain/wallet/facts.ts'
import { valuesOf } from '../../../domain/wallet/keyed.ts'
import { observeBlock, observeTransaction, observeUndo } from '../../../domain/wallet/observe.ts'
import { signTransaction } from '../../../domain/wallet/sign.ts'
import { initialWallet, type WalletState } from '../../../domain/wallet/state.ts'
import { watchedScripts } from '../../../src/wallet/watch.ts'
import { curve, key, spend } from '../../chain/coins.ts'
import { keysOfSeed } from '../../wallet/bench.ts'

const keys = keysOfSeed()
const { header } = genesisBlock(networkNamed('regtest'))
const stranger = key(88)
const AT = 1_800_000_000_000

/** All that there is, seen from outside of the wallet: which transactions stand in blocks, and which wait. */
class World {
  state: WalletState = initialWallet
  readonly outputs = new Map<string, TxOutput>()
  readonly blocks: Transaction[][] = []
  waiting: Transaction[] = []
  /** Of ours that were replaced: a miner may have them still. */
  replaced: Transaction[] = []
  /** How often each of what this is about came to be. */
  readonly seen = { made: 0, replaced: 0, children: 0, staleMined: 0, undone: 0 }
  #gifts = 0
  readonly #keyPathOf = watchedScripts(keys)

  #write(facts: readonly WalletFact[]): void {
    this.state = facts.reduce(evolveWallet, this.state)
  }

  #know(tx: Transaction): void {
    const txid = transactionId(tx)
    for (const [vout, output] of tx.outputs.entries()) this.outputs.set(outPointKey({ txid, vout }), output)
  }

  get tip() {
    return { height: this.blocks.length, maturity: 1 }
  }

  receive(value: bigint): void {
    const txid = (++this.#gifts).toString(16).padStart(64, '0')
    this.outputs.set(outPointKey({ txid, vout: 0 }), { value: value + 1_000n, script: stranger.script })
    const { script } = keys.receive(this.state.next.receive)
    const from = [{ txid, vout: 0, value: value + 1_000n, owner: stranger }]
    const tx = spend({ from, to: [{ value, script }] })
    this.#know(tx)
    this.waiting.push(tx)
    this.#write(observeTransaction(this.state, tx, { at: AT }, this.#keyPathOf))
  }

  /** Signs as the wallet does, and holds the transaction to what a node asks. */
  #signed({ tx, coins, purpose, fee }: Draft): Signed {
    const signed = signTransaction(
      tx,
      coins.map(({ value, keyPath }) => ({ value, key: keys.at(keyPath) })),
      curve,
    )
    const spent = signed.inputs.map((input) => this.outputs.get(outPointKey(input))!)
    for (const index of signed.inputs.keys()) expect(verifyInput(signed, index, spent, curve)).toBeUndefined()
    expect(sum(spent)).toBe(sum(signed.outputs) + fee)
    expect(fee).toBeGreaterThanOrEqual(BigInt(virtualSize(signed)))
    this.#know(signed)
    this.seen.made++
    return { tx: signed, purpose, fee }
  }

  pay(value: bigint, feeSatsPerKvb: bigint, purpose: 'payment' | 'funding'): void {
    const outputs = [{ value, script: stranger.script }]
    const drafts = draftPayment(this.state, { outputs, purpose }, this.#terms(feeSatsPerKvb))
    if (isRefusal(drafts)) return
    const signed = this.#signed(drafts[0])
    this.waiting.push(signed.tx)
    this.#write(commitFacts(this.state, [signed], { at: AT }, this.#keyPathOf))
  }

  bump(which: number, feeSatsPerKvb: bigint): void {
    // Counted from the newest.
    const tx = this.waiting.at(-1 - (which % Math.max(1, this.waiting.length)))
    if (tx === undefined) return
    const vsize = virtualSize(tx)
    const bumped = draftBump(this.state, transactionId(tx), this.#terms(feeSatsPerKvb), { vsize })
    if (isRefusal(bumped)) return
    const signed = this.#signed(bumped.draft)
    if (bumped.replaces === undefined) {
      this.seen.children++
      this.#write(commitFacts(this.state, [signed], { at: AT }, this.#keyPathOf))
    } else {
      expect(signed.fee).toBeGreaterThanOrEqual(bumped.replaces.sent.fee + BigInt(virtualSize(signed.tx)))
      // Who was paid is paid the same.
      expect(toStranger(signed.tx)).toEqual(toStranger(tx))
      this.seen.replaced++
      this.waiting = this.waiting.filter((each) => each !== tx)
      this.replaced.push(tx)
      this.#write(replaceFacts(this.state, bumped.replaces, signed, AT, this.#keyPathOf))
    }
    this.waiting.push(signed.tx)
  }

  /** A block of what waits, or of something that was replaced and fits still. */
  mine(stale: boolean): void {
    const wanted = stale ? [...this.replaced, ...this.waiting] : this.waiting
    const taken = fitting(this.blocks.flat(), wanted, this.outputs)
    this.seen.staleMined += taken.filter((tx) => this.replaced.includes(tx)).length
    this.blocks.push(taken)
    const seen = { at: AT, height: this.blocks.length }
    this.#write(observeBlock(this.state, blockOf(taken), seen, this.#keyPathOf))
    this.waiting = fitting(this.blocks.flat(), this.waiting, this.outputs)
  }

  undo(): void {
    const height = this.blocks.length
    const gone = this.blocks.pop()
    if (gone === undefined) return
    this.seen.undone += gone.length
    this.#write(observeUndo(this.state, blockOf(gone), { at: AT, height }, this.#keyPathOf))
    this.waiting = [...gone, ...this.waiting]
    this.replaced = this.replaced.filter((tx) => !gone.includes(tx))
  }

  #terms(feeSatsPerKvb: bigint) {
    return { tip: this.tip, feeSatsPerKvb, changeScript: keys.change(this.state.next.change).script }
  }

  /** What is ours by the transactions alone. */
  ours(): bigint {
    const all = [...this.blocks.flat(), ...this.waiting]
    const spent = new Set(all.flatMap(({ inputs }) => inputs.map(outPointKey)))
    const mine = new Set(
      Array.from({ length: 200 }, (_, i) => [keys.receive(i), keys.change(i)])
        .flat()
        .map(({ script }) => toHex(script)),
    )
    return all.reduce((total, tx) => {
      const txid = transactionId(tx)
      return tx.outputs.reduce(
        (more, { value, script }, vout) =>
          mine.has(toHex(script)) && !spent.has(outPointKey({ txid, vout })) ? more + value : more,
        total,
      )
    }, 0n)
  }
}

const sum = (parts: readonly { readonly value: bigint }[]): bigint => parts.reduce((all, { value }) => all + value, 0n)
const toStranger = ({ outputs }: Transaction) =>
  outputs.filter(({ script }) => toHex(script) === toHex(stranger.script))
const blockOf = (transactions: readonly Transaction[]): Block => ({ header, transactions: [...transactions] })

/** Those of `wanted` whose inputs are there and unspent, in order. */
const fitting = (
  before: readonly Transaction[],
  wanted: readonly Transaction[],
  outputs: ReadonlyMap<string, TxOutput>,
): Transaction[] => {
  const standing = new Set(before.map(transactionId))
  const spent = new Set(before.flatMap(({ inputs }) => inputs.map(outPointKey)))
  const gift = (txid: string) => txid.startsWith('0'.repeat(56))
  return wanted.filter((tx) => {
    const txid = transactionId(tx)
    const fits = tx.inputs.every(
      (input) =>
        outputs.has(outPointKey(input)) &&
        !spent.has(outPointKey(input)) &&
        (gift(input.txid) || standing.has(input.txid)),
    )
    if (!fits || standing.has(txid)) return false
    standing.add(txid)
    for (const input of tx.inputs) spent.add(outPointKey(input))
    return true
  })
}

const paying = fc.record({
  kind: fc.constant('pay' as const),
  value: fc.bigInt({ min: 330n, max: 300_000n }),
  rate: fc.bigInt({ min: 1_000n, max: 8_000n }),
  purpose: fc.constantFrom('payment' as const, 'payment' as const, 'funding' as const),
})
const bumping = fc.record({
  kind: fc.constant('bump' as const),
  which: fc.nat(3),
  rate: fc.bigInt({ min: 4_000n, max: 60_000n }),
})
const mining = fc.record({ kind: fc.constant('mine' as const), stale: fc.boolean() })
const step = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('receive' as const), value: fc.bigInt({ min: 400n, max: 900_000n }) }),
  },
  { weight: 3, arbitrary: paying },
  { weight: 3, arbitrary: bumping },
  { weight: 1, arbitrary: mining },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('undo' as const) }) },
)

it('creates and loses no coin, whatever is paid, bumped, mined and undone', { timeout: 120_000 }, () => {
  const seen = new World().seen
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
      const world = new World()
      for (const value of [50_000n, 400_000n, 900_000n]) world.receive(value)
      world.mine(false)
      for (const each of steps) {
        if (each.kind === 'receive') world.receive(each.value)
        else if (each.kind === 'pay') world.pay(each.value, each.rate, each.purpose)
        else if (each.kind === 'bump') world.bump(each.which, each.rate)
        else if (each.kind === 'mine') world.mine(each.stale)
        else world.undo()
        const { confirmed, unconfirmed, immature } = balanceOf(world.state, world.tip)
        expect(confirmed + unconfirmed + immature).toBe(world.ours())
        const standing = new Set([...world.blocks.flat(), ...world.waiting].map(transactionId))
        const lives = [...valuesOf(world.state.transactions)].filter(({ dropped }) => !dropped)
        expect(new Set(lives.map(({ txid }) => txid))).toEqual(standing)
      }
      for (const name of Object.keys(seen) as (keyof typeof seen)[]) seen[name] += world.seen[name]
    }),
    { numRuns: 400 },
  )
  // A sequence in which none of it comes to be proves nothing.
  expect(seen.replaced).toBeGreaterThan(50)
  expect(seen.children).toBeGreaterThan(50)
  expect(seen.staleMined).toBeGreaterThan(5)
  expect(seen.undone).toBeGreaterThan(100)
})

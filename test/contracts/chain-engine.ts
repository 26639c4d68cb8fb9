import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeTransaction, headerHash, transactionId } from '../../domain/chain/codec.ts'
import { genesisBlock } from '../../domain/chain/genesis.ts'
import { nullData } from '../../domain/chain/script.ts'
import type { Transaction } from '../../domain/chain/transaction.ts'
import { type ChainEngine, type ChainEvent, Rejected } from '../../src/chain/port.ts'
import { coinOf, type Key, key, type OwnCoin, pay, spend } from '../chain/coins.ts'

/** An engine on a fresh chain of its own, and what only a test may do to it. */
export type EngineUnderTest = {
  readonly engine: ChainEngine
  /** Takes a block, and what builds on it, out of the chain. */
  invalidate(hash: string): Promise<void>
  /** Ends the node and starts it again on the same data; the answer is usable instead of `engine`. */
  restart(): Promise<ChainEngine>
  dispose(): Promise<void>
}

const alice = key(1)
const bob = key(2)
const SPENDABLE = 30

/** What every chain engine must do: the list for `xencoind` embedded, over RPC, and for a real bitcoind on regtest. */
export const chainEngineContract = (name: string, open: () => Promise<EngineUnderTest>): void => {
  describe(`chain engine: ${name}`, () => {
    let under: EngineUnderTest
    let engine: ChainEngine
    let nextCoinHeight = 1

    beforeAll(async () => {
      under = await open()
      engine = under.engine
    })
    afterAll(() => under?.dispose())

    /** A mature coinbase of alice that no other test uses. */
    const freshCoin = async (): Promise<OwnCoin> => {
      const found = await engine.blockAt(nextCoinHeight++)
      return coinOf(found!.block.transactions[0]!, 0, alice)
    }
    const refusal = async (tx: Transaction): Promise<string> => {
      const error = await engine.broadcast(tx).catch((caught: unknown) => caught)
      if (error instanceof Rejected) return error.reason
      throw error instanceof Error ? error : new Error('it was accepted')
    }
    /** Begins to follow and collects until `until` holds; a fresh list for each wait. */
    const follower = (cursor?: { hash: string; height: number }) => {
      const stop = new AbortController()
      const events = engine.follow(cursor, stop.signal)[Symbol.asyncIterator]()
      return {
        until: async (holds: (event: ChainEvent) => boolean): Promise<ChainEvent[]> => {
          const seen: ChainEvent[] = []
          for (;;) {
            const { value, done } = await events.next()
            if (done) throw new Error('the follower ended')
            seen.push(value)
            if (holds(value)) return seen
          }
        },
        end: async () => {
          const rest = events.next()
          stop.abort()
          // An event may have been on its way; after it there must be the end.
          let last = await rest
          for (let i = 0; !last.done && i < 1000; i++) last = await events.next()
          return last.done === true
        },
      }
    }
    const heights = (events: ChainEvent[], kind: 'connected' | 'disconnected') =>
      events.flatMap((event) => (event.kind === kind ? [event.height] : []))

    it('begins at the genesis block of its network', async () => {
      const hash = headerHash(genesisBlock(engine.network).header)
      expect(await engine.tip()).toEqual({ hash, height: 0 })
      expect(await engine.blockAt(0)).toEqual({ hash, block: genesisBlock(engine.network) })
    })

    it('makes blocks that pay to a script', async () => {
      const hashes = await engine.mine(SPENDABLE + engine.network.coinbaseMaturity, alice.script)
      expect(hashes).toHaveLength(SPENDABLE + engine.network.coinbaseMaturity)
      expect(await engine.tip()).toEqual({ hash: hashes.at(-1), height: hashes.length })
      const first = await engine.block(hashes[0]!)
      expect(first?.height).toBe(1)
      expect(headerHash(first!.block.header)).toBe(hashes[0])
      expect(first!.block.transactions[0]!.outputs[0]).toEqual({
        value: engine.network.subsidy,
        script: alice.script,
      })
      expect(await engine.blockAt(1)).toEqual({ hash: hashes[0], block: first!.block })
      expect((await engine.blockAt(2))!.block.header.previous).toBe(hashes[0])
    })

    it('answers undefined for what it does not have', async () => {
      const nothing = '11'.repeat(32)
      expect(await engine.blockAt(100_000)).toBeUndefined()
      expect(await engine.block(nothing)).toBeUndefined()
      expect(await engine.transaction(nothing)).toBeUndefined()
      expect(await engine.output({ txid: nothing, vout: 0 })).toBeUndefined()
    })

    it('tells a coinbase output and its height', async () => {
      const coin = await freshCoin()
      expect(await engine.output(coin)).toEqual({
        value: engine.network.subsidy,
        script: alice.script,
        height: nextCoinHeight - 1,
        coinbase: true,
      })
    })

    it('takes a payment into the mempool and then into a block', async () => {
      const coin = await freshCoin()
      const tx = pay(coin, bob)
      const txid = await engine.broadcast(tx)
      expect(txid).toBe(transactionId(tx))
      expect(await engine.output(coin)).toBeUndefined()
      expect(await engine.output({ txid, vout: 0 })).toEqual({ ...tx.outputs[0], coinbase: false })
      expect((await engine.mempool()).map(transactionId)).toEqual([txid])
      expect(await engine.transaction(txid)).toEqual({ tx })

      const [hash] = await engine.mine(1, alice.script)
      const tip = await engine.tip()
      expect(tip.hash).toBe(hash)
      expect(await engine.mempool()).toEqual([])
      expect(await engine.transaction(txid)).toEqual({ tx, block: tip })
      expect(await engine.output({ txid, vout: 0 })).toEqual({
        ...tx.outputs[0],
        height: tip.height,
        coinbase: false,
      })
      const coinbase = (await engine.block(hash!))!.block.transactions[0]!
      expect(coinbase.outputs[0]!.value).toBeGreaterThanOrEqual(1000n)
    })

    it('takes the same transaction any number of times', async () => {
      const first = pay(await freshCoin(), bob)
      const txid = await engine.broadcast(first)
      expect(await engine.broadcast(first)).toBe(txid)
      await engine.mine(1, alice.script)
      expect(await engine.broadcast(first)).toBe(txid)
      const second = pay(coinOf(first, 0, bob), alice)
      await engine.broadcast(second)
      await engine.mine(1, alice.script)
      await engine.transaction(txid)
      expect(await engine.broadcast(second)).toBe(transactionId(second))
    })

    it('mines parents before children', async () => {
      const parent = pay(await freshCoin(), bob, 200n)
      const child = pay(coinOf(parent, 0, bob), alice, 5000n)
      const grandchild = pay(coinOf(child, 0, alice), bob, 300n)
      for (const tx of [parent, child, grandchild]) await engine.broadcast(tx)
      expect(await engine.output({ txid: transactionId(parent), vout: 0 })).toBeUndefined()
      const [hash] = await engine.mine(1, alice.script)
      const ids = (await engine.block(hash!))!.block.transactions.slice(1).map(transactionId)
      expect(ids).toEqual([parent, child, grandchild].map(transactionId))
    })

    it('carries 80 bytes of data and not 81', async () => {
      const coin = await freshCoin()
      const carrying = (bytes: number) =>
        spend({
          from: [coin],
          to: [
            { value: 0n, script: nullData(new Uint8Array(bytes).fill(7)) },
            { value: coin.value - 1000n, script: alice.script },
          ],
        })
      expect(await refusal(carrying(81))).toBe('scriptpubkey')
      await engine.broadcast(carrying(80))
      await engine.mine(1, alice.script)
      expect((await engine.transaction(transactionId(carrying(80))))?.block).toBeDefined()
    })

    it('replaces what waits by what pays more, with all that depends on it', async () => {
      const coin = await freshCoin()
      const first = pay(coin, bob)
      const child = pay(coinOf(first, 0, bob), alice)
      for (const tx of [first, child]) await engine.broadcast(tx)
      const better = pay(coin, alice, 5000n)
      await engine.broadcast(better)
      expect((await engine.mempool()).map(transactionId)).toEqual([transactionId(better)])
      expect(await engine.transaction(transactionId(first))).toBeUndefined()
      expect(await engine.output({ txid: transactionId(child), vout: 0 })).toBeUndefined()
      await engine.mine(1, alice.script)
      expect((await engine.transaction(transactionId(better)))?.block).toBeDefined()
    })

    it('keeps the bond of an announcement until it is withdrawn, also over a reorganisation', async () => {
      const coin = await freshCoin()
      const bond = { value: 10_000n, script: alice.script }
      const data = { value: 0n, script: nullData(new Uint8Array(80).fill(9)) }
      const announced = spend({ from: [coin], to: [data, bond, { value: coin.value - 11_000n, script: alice.script }] })
      const point = coinOf(announced, 1, alice)
      await engine.broadcast(announced)
      await engine.mine(1, alice.script)
      expect(await engine.output(point)).toMatchObject({ ...bond, coinbase: false })
      const withdrawn = pay(point, alice)
      await engine.broadcast(withdrawn)
      expect(await engine.output(point)).toBeUndefined()
      const [hash] = await engine.mine(1, alice.script)
      expect(await engine.output(point)).toBeUndefined()
      await under.invalidate(hash!)
      // The withdrawal waits again; the bond is back in the chain and spent in the mempool.
      expect(await engine.output(point)).toBeUndefined()
      expect((await engine.mempool()).map(transactionId)).toEqual([transactionId(withdrawn)])
      await engine.mine(2, bob.script)
      expect((await engine.transaction(transactionId(withdrawn)))?.block).toBeDefined()
    })

    describe('refuses, in Core’s words,', () => {
      const refuses = (
        what: string,
        reason: string | RegExp,
        make: (coin: OwnCoin) => Transaction | Promise<Transaction>,
      ) =>
        it(`${what}: ${reason}`, async () => {
          const before = (await engine.mempool()).length
          expect(await refusal(await make(await freshCoin()))).toMatch(
            typeof reason === 'string' ? new RegExp(`^${reason}$`) : reason,
          )
          expect(await engine.mempool()).toHaveLength(before)
        })
      const to = (value: bigint, owner: Key = bob) => ({ value, script: owner.script })

      refuses('an input that does not exist', 'bad-txns-inputs-missingorspent', (coin) =>
        pay({ ...coin, txid: '22'.repeat(32) }, bob),
      )
      refuses('a coinbase that is too young', 'bad-txns-premature-spend-of-coinbase', async () => {
        const tip = await engine.blockAt((await engine.tip()).height)
        return pay(coinOf(tip!.block.transactions[0]!, 0, alice), bob)
      })
      refuses('more out than in', 'bad-txns-in-belowout', (coin) => pay(coin, bob, -1n))
      refuses('a fee below the relay minimum', 'min relay fee not met', (coin) => pay(coin, bob, 100n))
      // Bitcoin Knots tells this dust from the dust that pays for a parent.
      refuses('dust', /^dust(-nonanchor)?$/, (coin) => spend({ from: [coin], to: [to(293n), to(coin.value - 2000n)] }))
      refuses('a lock time in the future', 'non-final', async (coin) =>
        spend({ from: [coin], to: [to(1000n)], lockTime: (await engine.tip()).height + 10 }),
      )
      refuses('a relative lock that has not passed', 'non-BIP68-final', (coin) =>
        spend({ from: [coin], to: [to(coin.value - 1000n)], sequence: 5000 }),
      )
      refuses('no outputs', 'bad-txns-vout-empty', (coin) => spend({ from: [coin], to: [] }))
      refuses('the same input twice', 'bad-txns-inputs-duplicate', (coin) =>
        spend({ from: [coin, coin], to: [to(1000n)] }),
      )
      refuses('a version nobody knows', 'version', (coin) =>
        spend({ from: [coin], to: [to(coin.value - 1000n)], version: 7 }),
      )
      refuses('a script that is not standard', 'scriptpubkey', (coin) =>
        spend({ from: [coin], to: [{ value: coin.value - 1000n, script: Uint8Array.of(0x51) }] }),
      )

      it('a signature by another key: a script failure', async () => {
        const coin = await freshCoin()
        const wrong = pay({ ...coin, owner: { ...alice, secret: bob.secret } }, bob)
        // The second since Core 30, and in Knots.
        expect(await refusal(wrong)).toMatch(/^((non-)?mandatory|mempool)-script-verify-flag-failed/)
      })

      it('a second spend of what the mempool spends', async () => {
        const coin = await freshCoin()
        await engine.broadcast(pay(coin, bob))
        expect(await refusal(pay(coin, alice))).toBe('insufficient fee')
      })

      it('a spend of what a block has spent', async () => {
        const coin = await freshCoin()
        await engine.broadcast(pay(coin, bob))
        await engine.mine(1, alice.script)
        expect(await refusal(pay(coin, alice))).toBe('bad-txns-inputs-missingorspent')
      })

      it('the 26th in a row without a block', async () => {
        let coin = await freshCoin()
        for (let i = 0; i < 25; i++) {
          const tx = pay(coin, alice, 500n)
          await engine.broadcast(tx)
          coin = coinOf(tx, 0, alice)
        }
        expect(await refusal(pay(coin, alice))).toBe('too-long-mempool-chain')
        await engine.mine(1, alice.script)
        await engine.broadcast(pay(coin, alice))
      })
    })

    it('tells a fee rate of at least the relay minimum', async () => {
      expect(await engine.feeRate(2)).toBeGreaterThanOrEqual(1)
    })

    it('follows from genesis, catches up, and goes on live', async () => {
      await engine.mine(1, alice.script)
      const waiting = pay(await freshCoin(), bob)
      await engine.broadcast(waiting)
      const tip = await engine.tip()
      const following = follower()
      const history = await following.until((event) => event.kind === 'caught-up')
      expect(heights(history, 'connected')).toEqual(Array.from({ length: tip.height + 1 }, (_, height) => height))
      expect(history).toHaveLength(tip.height + 2)
      expect(history.at(-1)).toEqual({ kind: 'caught-up', tip })
      expect(await following.until(({ kind }) => kind === 'mempool-told')).toEqual([
        { kind: 'entered', tx: waiting, fee: 1000n },
        { kind: 'mempool-told' },
      ])

      const live = pay(await freshCoin(), bob)
      await engine.broadcast(live)
      expect(await following.until(({ kind }) => kind === 'entered')).toEqual([
        { kind: 'entered', tx: live, fee: 1000n },
      ])
      const [hash] = await engine.mine(1, alice.script)
      const [connected] = await following.until(({ kind }) => kind === 'connected')
      expect(connected).toMatchObject({ kind: 'connected', hash, height: tip.height + 1 })
      const ids = connected?.kind === 'connected' ? connected.block.transactions.slice(1).map(transactionId) : []
      expect(new Set(ids)).toEqual(new Set([waiting, live].map(transactionId)))
      expect(await following.end()).toBe(true)
    })

    it('tells what left the mempool for another, and not what a block took', async () => {
      const following = follower(await engine.tip())
      await following.until(({ kind }) => kind === 'mempool-told')
      const coin = await freshCoin()
      const first = pay(coin, bob)
      await engine.broadcast(first)
      await following.until(({ kind }) => kind === 'entered')
      const better = pay(coin, alice, 5000n)
      await engine.broadcast(better)
      let seen: ChainEvent[] = []
      // Which of the two is told first is the engine's business.
      while (seen.length < 2)
        seen = [...seen, ...(await following.until(({ kind }) => kind === 'left' || kind === 'entered'))]
      expect(seen).toContainEqual({ kind: 'left', txid: transactionId(first) })
      expect(seen).toContainEqual({ kind: 'entered', tx: better, fee: 5000n })
      await engine.mine(1, alice.script)
      expect((await following.until(({ kind }) => kind === 'connected')).map(({ kind }) => kind)).toEqual(['connected'])
      const next = pay(await freshCoin(), bob)
      await engine.broadcast(next)
      expect((await following.until(({ kind }) => kind === 'entered')).map(({ kind }) => kind)).toEqual(['entered'])
      await engine.mine(1, alice.script)
      expect(await following.end()).toBe(true)
    })

    it('says what a block spent, also one that was taken back', async () => {
      const coin = await freshCoin()
      const parent = pay(coin, bob)
      const child = pay(coinOf(parent, 0, bob), alice)
      for (const tx of [parent, child]) await engine.broadcast(tx)
      const [hash] = await engine.mine(1, alice.script)
      const values = async () => (await engine.spent(hash!))?.map((coins) => coins.map(({ value }) => value))
      const expected = [[], [coin.value], [coin.value - 1000n]]
      expect(await values()).toEqual(expected)
      expect((await engine.spent(hash!))?.[1]?.[0]).toMatchObject({ coinbase: true, script: alice.script })
      await under.invalidate(hash!)
      expect(await values()).toEqual(expected)
      await engine.mine(1, bob.script)
      expect(await engine.spent('99'.repeat(32))).toBeUndefined()
    })

    it('follows on from a cursor', async () => {
      const cursor = await engine.tip()
      await engine.mine(3, alice.script)
      const following = follower(cursor)
      const events = await following.until((event) => event.kind === 'caught-up')
      expect(heights(events, 'connected')).toEqual([1, 2, 3].map((more) => cursor.height + more))
      expect(events).toHaveLength(4)
      expect(await following.end()).toBe(true)
    })

    it('refuses a cursor that it never had', async () => {
      const following = follower({ hash: '33'.repeat(32), height: 5 })
      await expect(following.until(() => true)).rejects.toMatchObject({ code: 'chain.cursor-unknown' })
    })

    it('loses nothing for a follower that stops to think', async () => {
      const cursor = await engine.tip()
      const following = follower(cursor)
      await following.until((event) => event.kind === 'caught-up')
      const tx = pay(await freshCoin(), bob)
      await engine.broadcast(tx)
      await engine.mine(40, alice.script)
      const end = cursor.height + 40
      const events = await following.until((event) => event.kind === 'connected' && event.height === end)
      expect(heights(events, 'connected')).toEqual(Array.from({ length: 40 }, (_, i) => cursor.height + 1 + i))
      expect(await following.end()).toBe(true)
    })

    it('tells a reorganisation to a live follower, and gives the payment back', async () => {
      const base = await engine.tip()
      const tx = pay(await freshCoin(), bob)
      const txid = await engine.broadcast(tx)
      const old = await engine.mine(2, alice.script)
      const following = follower(base)
      await following.until((event) => event.kind === 'caught-up')

      await under.invalidate(old[0]!)
      expect(await engine.tip()).toEqual(base)
      expect(await engine.transaction(txid)).toEqual({ tx })
      expect((await engine.output({ txid, vout: 0 }))?.height).toBeUndefined()
      const fresh = await engine.mine(3, bob.script)
      const top = base.height + 3
      const events = await following.until((event) => event.kind === 'connected' && event.height === top)
      expect(heights(events, 'disconnected')).toEqual([base.height + 2, base.height + 1])
      expect(events.flatMap((event) => (event.kind === 'disconnected' ? [event.hash] : []))).toEqual([...old].reverse())
      expect(events.flatMap((event) => (event.kind === 'connected' ? [event.hash] : []))).toEqual(fresh)
      expect((await engine.transaction(txid))?.block).toEqual({ hash: fresh[0], height: base.height + 1 })
      expect(await following.end()).toBe(true)
    })

    it('takes a cursor out of a branch that was left', async () => {
      const base = await engine.tip()
      const old = await engine.mine(2, alice.script)
      const cursor = await engine.tip()
      await under.invalidate(old[0]!)
      const fresh = await engine.mine(1, bob.script)
      const following = follower(cursor)
      const events = await following.until((event) => event.kind === 'caught-up')
      expect(heights(events, 'disconnected')).toEqual([base.height + 2, base.height + 1])
      expect(heights(events, 'connected')).toEqual([base.height + 1])
      expect(events.at(-1)).toEqual({ kind: 'caught-up', tip: { hash: fresh[0], height: base.height + 1 } })
      expect(await following.end()).toBe(true)
    })

    it('keeps chain, coins and mempool over a restart', async () => {
      const coin = await freshCoin()
      const tx = pay(coin, bob)
      await engine.broadcast(tx)
      const tip = await engine.tip()
      const other = await freshCoin()
      const before = await engine.output(other)
      engine = await under.restart()
      expect(await engine.tip()).toEqual(tip)
      expect(await engine.output(other)).toEqual(before)
      expect((await engine.mempool()).map((one) => encodeTransaction(one))).toContainEqual(encodeTransaction(tx))
      expect(await engine.output(coin)).toBeUndefined()
      await engine.mine(1, alice.script)
      expect((await engine.transaction(transactionId(tx)))?.block).toBeDefined()
    })
  })
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { transactionId } from '../../domain/chain/codec.ts'
import { nullData } from '../../domain/chain/script.ts'
import type { OutPoint, Transaction } from '../../domain/chain/transaction.ts'
import { findFunding, fundingOutput } from '../../domain/channel/script.ts'
import { closeTransaction, refundTransaction } from '../../domain/channel/transaction.ts'
import type { ChainEngine, ChainEvent } from '../../src/chain/port.ts'
import { coinOf, curve, key, type OwnCoin, pay, spend } from '../chain/coins.ts'
import { type Channel, paying, sidesOf } from '../channel/sides.ts'
import type { EngineUnderTest } from './chain-engine.ts'

const miner = key(250)
const payoutScript = key(251).script
const COINS = 20
const BOND = 1_000n

/** What a market asks of a chain, in the order in which a lease does: ten things, the same for xencoind and a real bitcoind. */
export const enginePortContract = (name: string, open: () => Promise<EngineUnderTest>): void => {
  describe(`a market on ${name}`, () => {
    let under: EngineUnderTest
    let engine: ChainEngine
    let nextCoin = 1

    beforeAll(async () => {
      under = await open()
      engine = under.engine
      await engine.mine(COINS + engine.network.coinbaseMaturity, miner.script)
    })
    afterAll(() => under?.dispose())

    const freshCoin = async (): Promise<OwnCoin> => {
      const found = await engine.blockAt(nextCoin++)
      return coinOf(found!.block.transactions[0]!, 0, miner)
    }
    const mine = (blocks = 1) => engine.mine(blocks, miner.script)
    /** A transaction that funds channels, and the channels. */
    const funded = async (expiryBlocks: readonly number[]): Promise<{ tx: Transaction; channels: Channel[] }> => {
      const { height } = await engine.tip()
      const coin = await freshCoin()
      const sides = expiryBlocks.map((blocks, i) => sidesOf(i + 1, height + blocks))
      const outputs = sides.map(({ params }) => fundingOutput(params))
      const spent = outputs.reduce((sum, { value }) => sum + value, 5_000n)
      const tx = spend({ from: [coin], to: [...outputs, { value: coin.value - spent, script: miner.script }] })
      return { tx, channels: sides.map((side) => ({ ...side, funding: findFunding(tx, side.params)! })) }
    }
    const opened = async (...expiryBlocks: number[]): Promise<Channel[]> => {
      const { tx, channels } = await funded(expiryBlocks)
      await engine.broadcast(tx)
      await mine()
      return channels
    }
    const closeOf = (channels: readonly Channel[]): Transaction => {
      const closing = channels.map((channel) => paying(channel, 40_000n))
      return closeTransaction({ channels: closing, feeRateSatsPerVb: 2, payoutScript, curve })
    }
    const isSpent = async (point: OutPoint): Promise<boolean> => (await engine.output(point)) === undefined
    const inBlock = async (tx: Transaction): Promise<boolean> =>
      (await engine.transaction(transactionId(tx)))?.block !== undefined

    it('fund', async () => {
      const { tx, channels } = await funded([1_000, 1_000])
      expect(await engine.broadcast(tx)).toBe(transactionId(tx))
      for (const { params, funding } of channels) {
        expect(await engine.output(funding)).toEqual({ ...fundingOutput(params), coinbase: false })
        expect(await inBlock(tx)).toBe(false)
      }
      await mine()
    })

    let bond: OwnCoin
    it('announce', async () => {
      const coin = await freshCoin()
      const record = { value: 0n, script: nullData(new Uint8Array(77).fill(7)) }
      const rest = { value: coin.value - BOND - 2_000n, script: miner.script }
      const tx = spend({ from: [coin], to: [record, { value: BOND, script: miner.script }, rest] })
      await engine.broadcast(tx)
      await mine()
      bond = coinOf(tx, 1, miner)
      expect((await engine.transaction(transactionId(tx)))?.tx.outputs[0]).toEqual(record)
      expect(await engine.output(bond)).toMatchObject({ value: BOND, coinbase: false })
    })

    it('withdraw', async () => {
      const tx = pay(bond, miner, 300n)
      await engine.broadcast(tx)
      expect(await isSpent(bond)).toBe(true)
      await mine()
      expect(await inBlock(tx)).toBe(true)
    })

    it('open', async () => {
      const { height } = await engine.tip()
      const [channel] = (await opened(1_000)) as [Channel]
      expect((await engine.transaction(channel.funding.txid))?.block?.height).toBe(height + 1)
      expect(await engine.output(channel.funding)).toMatchObject({ height: height + 1 })
    })

    it('close', async () => {
      const [channel] = (await opened(1_000)) as [Channel]
      const tx = closeOf([channel])
      await engine.broadcast(tx)
      await mine()
      expect(await inBlock(tx)).toBe(true)
      expect(await isSpent(channel.funding)).toBe(true)
    })

    it('batch close', async () => {
      const channels = [...(await opened(1_000, 1_000)), ...(await opened(1_000))]
      const tx = closeOf(channels)
      await engine.broadcast(tx)
      await mine()
      expect(await inBlock(tx)).toBe(true)
      expect(await Promise.all(channels.map(({ funding }) => isSpent(funding)))).toEqual([true, true, true])
      expect(await engine.output({ txid: transactionId(tx), vout: 2 })).toMatchObject({ value: 60_000n })
    })

    it('refund', async () => {
      const [channel] = (await opened(4)) as [Channel]
      const tx = refundTransaction({ ...channel, feeRateSatsPerVb: 2, curve })
      await expect(engine.broadcast(tx)).rejects.toMatchObject({ reason: 'non-final' })
      await mine(4)
      await engine.broadcast(tx)
      await mine()
      expect(await inBlock(tx)).toBe(true)
    })

    it('reorganise', async () => {
      const { tx, channels } = await funded([1_000])
      await engine.broadcast(tx)
      const stop = new AbortController()
      const events = engine.follow(await engine.tip(), stop.signal)[Symbol.asyncIterator]()
      const next = async (kind: ChainEvent['kind']): Promise<ChainEvent> => {
        for (;;) {
          const { value, done } = await events.next()
          if (done) throw new Error(`no ${kind}`)
          if (value.kind === kind) return value
        }
      }
      await next('caught-up')
      const [hash] = await mine()
      expect(await next('connected')).toMatchObject({ hash })
      const close = closeOf(channels)
      await engine.broadcast(close)
      await under.invalidate(hash!)
      expect(await next('disconnected')).toMatchObject({ hash })
      // What was in the block waits again, and so does what was built on it.
      const waiting = (await engine.mempool()).map(transactionId)
      expect(waiting).toEqual(expect.arrayContaining([transactionId(tx), transactionId(close)]))
      await mine()
      expect(await inBlock(tx)).toBe(true)
      expect(await inBlock(close)).toBe(true)
      stop.abort()
    })

    it('fee estimate', async () => {
      for (const blocks of [1, 3, 6, 144]) {
        const rate = await engine.feeRate(blocks)
        expect(Number.isFinite(rate) && rate >= 1).toBe(true)
      }
    })

    it('restart', async () => {
      const [channel] = (await opened(1_000)) as [Channel]
      const tip = await engine.tip()
      engine = await under.restart()
      expect(await engine.tip()).toEqual(tip)
      expect(await engine.output(channel.funding)).toMatchObject({ height: tip.height })
      const close = closeOf([channel])
      await engine.broadcast(close)
      await mine()
      expect(await inBlock(close)).toBe(true)
    })
  })
}

import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { encodeAddress } from '../../domain/chain/address.ts'
import { transactionId, virtualSize } from '../../domain/chain/codec.ts'
import type { Transaction } from '../../domain/chain/transaction.ts'
import { closeMarginBlocks } from '../../domain/channel/margin.ts'
import { findFunding, fundingOutput } from '../../domain/channel/script.ts'
import { closeTransaction, refundTransaction } from '../../domain/channel/transaction.ts'
import { isRefusal } from '../../domain/fact.ts'
import { Closes } from '../../src/lease/provider/closes.ts'
import { skipWithoutBitcoind, whyNoBitcoind } from '../bitcoind/bitcoind.ts'
import { bitcoindEngine } from '../bitcoind/engine.ts'
import { coinOf, curve, key, spend } from '../chain/coins.ts'
import { paying, sidesOf } from '../channel/sides.ts'
import { LIMIT_MS, openBench } from '../wallet/bench.ts'
import { closingRig, miner } from './closing-rig.ts'

type Under = Awaited<ReturnType<typeof bitcoindEngine>>

const opened = async (): Promise<Under> => {
  const under = await bitcoindEngine()
  onTestFinished(() => under.dispose())
  return under
}
/** Blocks without any of the mempool: what a miner makes of fees that are too low. */
const emptyBlocks = async ({ engine, call }: Under, count: number): Promise<void> => {
  const address = encodeAddress(engine.network, miner.script)
  for (let i = 0; i < count; i++) await call(z.object({ hash: z.string() }), 'generateblock', [address, []])
}
const rateOf = (tx: Transaction, into: bigint): number =>
  Number(into - tx.outputs.reduce((sum, { value }) => sum + value, 0n)) / virtualSize(tx)

describe.skipIf(skipWithoutBitcoind)(`a close that no block takes ${whyNoBitcoind}`, { timeout: LIMIT_MS }, () => {
  it('is paid for by the publisher, out of what comes back in it', async () => {
    const under = await opened()
    const { engine, call } = under
    const bench = openBench(engine)
    await engine.mine(1, miner.script)
    await engine.mine(engine.network.coinbaseMaturity, miner.script)
    const publisherScript = await bench.wallet.receiveScript()
    const side = sidesOf(1, 5_000, { publisherScript })
    const coin = coinOf((await engine.blockAt(1))!.block.transactions[0]!, 0, miner)
    const funding = spend({ from: [coin], to: [fundingOutput(side.params)] })
    await engine.broadcast(funding)
    await engine.mine(1, miner.script)
    const channel = { ...side, funding: findFunding(funding, side.params)! }
    const closeAt = (feeRateSatsPerVb: number) =>
      closeTransaction({ channels: [paying(channel, 40_000n)], feeRateSatsPerVb, payoutScript: key(201).script, curve })
    const close = closeAt(1)
    const closeId = await engine.broadcast(close)
    await emptyBlocks(under, 4)
    expect((await engine.transaction(closeId))?.block).toBeUndefined()
    await bench.until('seen', async (it) => (await it.balance()).unconfirmed === 60_000n)

    const bumped = await bench.wallet.bump(closeId, { feeRate: 20 })
    if (isRefusal(bumped)) throw new Error(bumped.why)
    expect(bumped.replaces).toBeUndefined()
    expect(bumped.tx.inputs.map(({ txid }) => txid)).toEqual([closeId])
    const entry = await call(z.any(), 'getmempoolentry', [bumped.txid])
    const together = (entry.fees.ancestor * 1e8) / entry.ancestorsize
    expect(together).toBeGreaterThanOrEqual(20)
    expect(together).toBeLessThan(21)

    // The provider bids more after all: child and parent go, and the publisher's share comes by the new one.
    const better = closeAt(60)
    await engine.broadcast(better)
    await engine.mine(1, miner.script)
    expect((await engine.transaction(transactionId(better)))?.block).toBeDefined()
    await bench.until('settled', async (it) => {
      const { confirmed, unconfirmed } = await it.balance()
      return confirmed === 60_000n && unconfirmed === 0n
    })
  })

  it('comes into a block with the child that pays for it', async () => {
    const under = await opened()
    const { engine } = under
    const bench = openBench(engine)
    await engine.mine(1 + engine.network.coinbaseMaturity, miner.script)
    const side = sidesOf(1, 5_000, { publisherScript: await bench.wallet.receiveScript() })
    const coin = coinOf((await engine.blockAt(1))!.block.transactions[0]!, 0, miner)
    const funding = spend({ from: [coin], to: [fundingOutput(side.params)] })
    await engine.broadcast(funding)
    await engine.mine(1, miner.script)
    const channel = { ...side, funding: findFunding(funding, side.params)! }
    const channels = [paying(channel, 40_000n)]
    const close = closeTransaction({ channels, feeRateSatsPerVb: 1, payoutScript: key(201).script, curve })
    await engine.broadcast(close)
    await emptyBlocks(under, 2)
    await bench.until('seen', async (it) => (await it.balance()).unconfirmed === 60_000n)
    const bumped = await bench.wallet.bump(transactionId(close), { feeRate: 10 })
    if (isRefusal(bumped)) throw new Error(bumped.why)
    await engine.mine(1, miner.script)
    for (const txid of [transactionId(close), bumped.txid])
      expect((await engine.transaction(txid))?.block).toBeDefined()
    await bench.until('settled', async (it) => (await it.balance()).confirmed === 60_000n - bumped.fee)
  })

  it('is replaced after each block when expiry nears, and from then on the publisher may take it all', async () => {
    const under = await opened()
    const { engine } = under
    const { party, opened: channelWith, fees, spenders } = await closingRig(engine)
    const closes = new Closes(party)
    fees.rate = 1
    const margin = closeMarginBlocks(engine.network)
    const { height } = await engine.tip()
    // The block of its funding is one of them.
    const expiryHeight = height + 1 + margin
    const { ledger, channel, funding } = await channelWith(90_000n, { expiryHeight })
    await closes.close(ledger)
    const bids: number[] = []
    for (let left = margin; left > 0; left--) {
      await closes.tend([ledger])
      const [tx] = (await spenders(funding)) as [Transaction]
      bids.push(rateOf(tx, channel.params.capacity))
      await emptyBlocks(under, 1)
    }
    const raised = bids.map((bid, at) => at > 0 && bid > bids[at - 1]!)
    const half = margin / 2
    // Every third block in the first half, each in the second.
    expect(raised.slice(0, half).filter(Boolean).length).toBeLessThanOrEqual(half / 3)
    expect(raised.slice(half + 1)).not.toContain(false)
    expect((await engine.tip()).height).toBe(expiryHeight)

    const [close] = (await spenders(funding)) as [Transaction]
    const feeRateSatsPerVb = rateOf(close, channel.params.capacity) * 2
    const refund = refundTransaction({ ...channel, feeRateSatsPerVb, curve })
    await engine.broadcast(refund)
    expect((await spenders(funding)).map(transactionId)).toEqual([transactionId(refund)])
    await engine.mine(1, miner.script)
    expect((await engine.transaction(transactionId(refund)))?.block).toBeDefined()
  })
})

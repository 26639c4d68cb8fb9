import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { encodeAddress } from '../../domain/chain/address.ts'
import { transactionId, virtualSize } from '../../domain/chain/codec.ts'
import type { Transaction } from '../../domain/chain/transaction.ts'
import { Closes } from '../../src/lease/provider/closes.ts'
import { refundExpired } from '../../src/lease/publisher/refund.ts'
import { Waits } from '../../src/lease/waits.ts'
import { skipWithoutBitcoind, whyNoBitcoind } from '../bitcoind/bitcoind.ts'
import { bitcoindEngine } from '../bitcoind/engine.ts'
import { freshNode } from '../chain/fresh-node.ts'
import { CAPACITY } from '../channel/sides.ts'
import { closingRig, miner } from './closing-rig.ts'

const sumOf = (tx: Transaction) => tx.outputs.reduce((sum, { value }) => sum + value, 0n)

const feeOf = (tx: Transaction, channels = 1) => CAPACITY * BigInt(channels) - sumOf(tx)

/** Blocks without any of the mempool: what a miner makes of fees that are too low. */
const emptyBlocks = async ({ engine, call }: Awaited<ReturnType<typeof bitcoindEngine>>, count: number) => {
  const address = encodeAddress(engine.network, miner.script)
  for (let i = 0; i < count; i++) await call(z.object({ hash: z.string() }), 'generateblock', [address, []])
}

describe('closes of a provider', () => {
  it('that end at once are one transaction, each with its publisher’s share', async () => {
    const { node } = await freshNode('regtest')
    const { party, opened } = await closingRig(node)
    const closes = new Closes(party)
    const ended = [await opened(40_000n), await opened(99_900n), await opened(1_000n)]
    await Promise.all(ended.map(({ ledger }) => closes.close(ledger)))
    const spends = await Promise.all(ended.map(async ({ ledger }) => (await ledger.channel()).context.spend?.txid))
    expect(new Set(spends).size).toBe(1)
    await node.mine(1, miner.script)
    const found = await node.transaction(spends[0]!)
    expect(found?.block).toBeDefined()
    expect(found?.tx.inputs.length).toBe(3)
    expect(found?.tx.outputs.map(({ value }) => value).slice(0, 2)).toEqual([60_000n, 99_000n])
  })

  it('do not wait for one that is not worth it, or whose funding never was', async () => {
    const { node } = await freshNode('regtest')
    const { party, opened, fees } = await closingRig(node)
    fees.rate = 10
    const closes = new Closes(party)
    const good = await opened(40_000n)
    const gone = await opened(40_000n, {}, 'never')
    const outcomes = await Promise.allSettled([closes.close(good.ledger), closes.close(gone.ledger)])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    await node.mine(1, miner.script)
    expect(await node.output(good.funding)).toBeUndefined()

    const small = await opened(1_000n)
    await expect(closes.close(small.ledger)).rejects.toMatchObject({ code: 'channel.not-worth-closing' })
    // Beside another the fee of both comes out of one payout.
    const big = await opened(50_000n)
    await Promise.all([closes.close(small.ledger), closes.close(big.ledger)])
    await node.mine(1, miner.script)
    expect(await node.output(small.funding)).toBeUndefined()
  })

  it('give a funding again that the node lost, and the very same close after a crash', async () => {
    const { node } = await freshNode('regtest')
    const { party, opened } = await closingRig(node)
    const { ledger, funding } = await opened(40_000n, {}, 'later')
    await new Closes(party).close(ledger)
    const before = (await ledger.channel()).context.spend?.raw
    await new Closes(party).close(ledger)
    expect((await ledger.channel()).context.spend?.raw).toBe(before)
    await node.mine(1, miner.script)
    expect(await node.output(funding)).toBeUndefined()
  })

  describe.skipIf(skipWithoutBitcoind)(`on a real bitcoind ${whyNoBitcoind}`, () => {
    it('that stay out of the blocks are replaced, until one is in, or the fee is not worth it', async () => {
      const under = await bitcoindEngine()
      onTestFinished(() => under.dispose())
      const { engine } = under
      const { party, opened, fees, spenders, said } = await closingRig(engine)
      const closes = new Closes(party)
      fees.rate = 1
      const first = await opened(40_000n)
      const second = await opened(60_000n)
      const ledgers = [first.ledger, second.ledger]
      await Promise.all(ledgers.map((ledger) => closes.close(ledger)))
      const [before] = (await spenders(first.funding)) as [Transaction]

      await closes.tend(ledgers)
      await emptyBlocks(under, 2)
      await closes.tend(ledgers)
      expect((await spenders(first.funding)).map(transactionId)).toEqual([transactionId(before)])

      await emptyBlocks(under, 1)
      await closes.tend(ledgers)
      const [after] = (await spenders(first.funding)) as [Transaction]
      expect(transactionId(after)).not.toBe(transactionId(before))
      expect(after.inputs.length).toBe(2)
      expect(after.outputs.slice(0, 2)).toEqual(before.outputs.slice(0, 2))
      expect(feeOf(after, 2)).toBeGreaterThanOrEqual(feeOf(before, 2) + BigInt(virtualSize(after)))

      // The chain asks more than the step: that is what is bid.
      fees.rate = 50
      await emptyBlocks(under, 3)
      await closes.tend(ledgers)
      const [third] = (await spenders(first.funding)) as [Transaction]
      expect(Number(feeOf(third, 2)) / virtualSize(third)).toBeGreaterThanOrEqual(50)

      fees.rate = 1_000
      await emptyBlocks(under, 3)
      await closes.tend(ledgers)
      expect((await spenders(first.funding)).map(transactionId)).toEqual([transactionId(third)])
      expect(said.at(-1)).toContain('not worth it')

      await engine.mine(1, miner.script)
      expect((await engine.transaction(transactionId(third)))?.block).toBeDefined()
      for (const ledger of ledgers) expect((await ledger.channel()).context.spend?.txid).toBe(transactionId(third))
    })
  })
})

describe.skipIf(skipWithoutBitcoind)(`a refund on a real bitcoind ${whyNoBitcoind}`, () => {
  it('is made from expiry on, and replaced while it stays out of the blocks', async () => {
    const under = await bitcoindEngine()
    onTestFinished(() => under.dispose())
    const { engine } = under
    const { party, opened, fees, spenders } = await closingRig(engine, 'publisher')
    fees.rate = 1
    const { height } = await engine.tip()
    const { ledger, funding } = await opened(40_000n, { expiryHeight: height + 5 })
    const waits = new Waits()
    await refundExpired(party, ledger, waits)
    expect(await spenders(funding)).toEqual([])

    await emptyBlocks(under, 4)
    await refundExpired(party, ledger, waits)
    const [before] = (await spenders(funding)) as [Transaction]
    await refundExpired(party, ledger, waits)
    await emptyBlocks(under, 5)
    await refundExpired(party, ledger, waits)
    expect((await spenders(funding)).map(transactionId)).toEqual([transactionId(before)])

    await emptyBlocks(under, 1)
    await refundExpired(party, ledger, waits)
    const [after] = (await spenders(funding)) as [Transaction]
    expect(feeOf(after)).toBeGreaterThanOrEqual(feeOf(before) + BigInt(virtualSize(after)))
    await engine.mine(1, miner.script)
    expect((await engine.transaction(transactionId(after)))?.block).toBeDefined()
    expect((await ledger.channel()).context.spend?.txid).toBe(transactionId(after))
  })
})

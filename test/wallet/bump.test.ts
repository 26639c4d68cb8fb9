import { describe, expect, it, onTestFinished } from 'vitest'
import { transactionId, virtualSize } from '../../domain/chain/codec.ts'
import { isRefusal } from '../../domain/fact.ts'
import { type ChainEngine, Rejected } from '../../src/chain/port.ts'
import { skipWithoutBitcoind, whyNoBitcoind } from '../bitcoind/bitcoind.ts'
import { bitcoindEngine } from '../bitcoind/engine.ts'
import { coinOf, key, spend } from '../chain/coins.ts'
import { freshNode } from '../chain/fresh-node.ts'
import { type Bench, LIMIT_MS, openBench, sentBy } from './bench.ts'
import { smallChain } from './small-chain.ts'

const elsewhere = key(77).script
const payment = (value: bigint, reference: string) => ({
  outputs: [{ value, script: elsewhere }],
  purpose: 'payment' as const,
  reference,
  feeRate: 1,
})

/** A wallet with so many mature coins. */
const funded = async (engine: ChainEngine, coins: number): Promise<Bench> => {
  const bench = openBench(engine)
  const { subsidy, coinbaseMaturity } = engine.network
  for (let i = 0; i < coins; i++) await engine.mine(1, bench.keys.receive(i).script)
  await engine.mine(coinbaseMaturity, elsewhere)
  await bench.until('funded', async (wallet) => (await wallet.balance()).confirmed === subsidy * BigInt(coins))
  return bench
}
const rateOf = ({ fee, tx }: { fee: bigint; tx: Parameters<typeof virtualSize>[0] }) => Number(fee) / virtualSize(tx)

describe.skipIf(skipWithoutBitcoind)(`raising a fee on a real bitcoind ${whyNoBitcoind}`, { timeout: LIMIT_MS }, () => {
  const onBitcoind = async () => {
    const under = await bitcoindEngine()
    onTestFinished(() => under.dispose())
    return under.engine
  }

  it('replaces a payment, once and again, and what it pays for stays paid once', async () => {
    const engine = await onBitcoind()
    const bench = await funded(engine, 2)
    const { wallet } = bench
    const first = sentBy(await wallet.pay(payment(100_000n, 'rent')))
    const second = sentBy(await wallet.bump(first.txid, { feeRate: 5 }))
    expect(second).toMatchObject({ replaces: first.txid, broadcast: true })
    expect(rateOf(second)).toBeGreaterThanOrEqual(5)
    expect(await wallet.bump(first.txid, { feeRate: 9 })).toMatchObject({ refused: 'not-waiting' })
    expect(await wallet.bump(second.txid, { feeRate: 5.5 })).toMatchObject({ refused: 'fee-too-low' })
    const third = sentBy(await wallet.bump(second.txid, { feeRate: 20 }))
    expect((await engine.mempool()).map(transactionId)).toEqual([third.txid])
    expect(sentBy(await wallet.pay(payment(100_000n, 'rent'))).txid).toBe(third.txid)
    await engine.mine(1, elsewhere)
    await bench.until('confirmed', async (it) => (await it.balance()).reserved === 0n)
    const { subsidy } = engine.network
    expect(await wallet.balance()).toMatchObject({ confirmed: 2n * subsidy - 100_000n - third.fee, unconfirmed: 0n })
  })

  it('takes further coins when the change is too small', async () => {
    const engine = await onBitcoind()
    const bench = await funded(engine, 2)
    const { subsidy } = engine.network
    const first = sentBy(await bench.wallet.pay(payment(subsidy - 1_000n, 'most')))
    const second = sentBy(await bench.wallet.bump(first.txid, { feeRate: 200 }))
    expect(second.tx.inputs.length).toBe(2)
    await engine.mine(1, elsewhere)
    expect((await engine.transaction(second.txid))?.block).toBeDefined()
  })

  it('gives a child to what others sent, to a funding, and to what was spent on', async () => {
    const engine = await onBitcoind()
    const bench = await funded(engine, 1)
    const { wallet } = bench
    await engine.mine(101, key(88).script)
    const coin = coinOf((await engine.blockAt(102))!.block.transactions[0]!, 0, key(88))
    const gift = spend({
      from: [coin],
      to: [
        { value: 50_000n, script: await wallet.receiveScript() },
        { value: coin.value - 50_200n, script: elsewhere },
      ],
    })
    await engine.broadcast(gift)
    await bench.until('seen', async (it) => (await it.balance()).unconfirmed === 50_000n)
    const child = sentBy(await wallet.bump(transactionId(gift), { feeRate: 10 }))
    expect(child).not.toHaveProperty('replaces')
    expect((Number(child.fee) + 200) / (virtualSize(child.tx) + virtualSize(gift))).toBeGreaterThanOrEqual(9.9)

    const funding = sentBy(await wallet.pay({ ...payment(100_000n, 'lease'), purpose: 'funding' }))
    const second = sentBy(await wallet.bump(funding.txid, { feeRate: 10 }))
    expect(second).not.toHaveProperty('replaces')
    const together = Number(second.fee + funding.fee) / (virtualSize(second.tx) + virtualSize(funding.tx))
    expect(together).toBeGreaterThanOrEqual(10)
    expect(await wallet.bump(funding.txid, { feeRate: 20 })).toMatchObject({ refused: 'nothing-to-bump' })
    const third = sentBy(await wallet.bump(second.txid, { feeRate: 50 }))
    expect(third).toMatchObject({ replaces: second.txid })
    await engine.mine(1, elsewhere)
    for (const txid of [child.txid, funding.txid, third.txid])
      expect((await engine.transaction(txid))?.block).toBeDefined()
  })
})

describe('raising a fee', { timeout: LIMIT_MS }, () => {
  it('that a node refuses leaves all as it was', async () => {
    const { node } = await freshNode('regtest')
    const engine: ChainEngine = {
      ...node,
      broadcast: async (tx) => {
        if ((await node.mempool()).length > 0) throw new Rejected('txn-mempool-conflict', transactionId(tx))
        return node.broadcast(tx)
      },
    }
    const bench = await funded(engine, 1)
    const first = sentBy(await bench.wallet.pay(payment(100_000n, 'rent')))
    const balance = await bench.wallet.balance()
    await expect(bench.wallet.bump(first.txid, { feeRate: 5 })).rejects.toThrow(Rejected)
    expect(await bench.wallet.balance()).toEqual(balance)
    expect(sentBy(await bench.wallet.pay(payment(100_000n, 'rent'))).txid).toBe(first.txid)
    await node.mine(1, elsewhere)
    await bench.until('confirmed', async (it) => (await it.balance()).reserved === 0n)
  })

  it('loses to the first when a miner took that one, and the reference goes back', async () => {
    const chain = smallChain()
    const bench = openBench(chain)
    await chain.mine(1, bench.keys.receive(0).script)
    await chain.mine(2, elsewhere)
    await bench.until('funded', async (wallet) => (await wallet.balance()).confirmed > 0n)
    const first = sentBy(await bench.wallet.pay(payment(100_000n, 'rent')))
    chain.forget(first.txid)
    const second = sentBy(await bench.wallet.bump(first.txid, { feeRate: 5 }))
    chain.mineExactly([first.tx], elsewhere)
    await bench.until('confirmed', async (wallet) => (await wallet.balance()).reserved === 0n)
    const again = sentBy(await bench.wallet.pay(payment(100_000n, 'rent')))
    expect(again).toMatchObject({ txid: first.txid, dropped: false })
    expect((await bench.wallet.history()).find(({ txid }) => txid === second.txid)?.dropped).toBe(true)
  })

  it('knows what it cannot raise, and bad fees', async () => {
    const chain = smallChain()
    const { wallet } = openBench(chain)
    expect(await wallet.bump('11'.repeat(32), {})).toMatchObject({ refused: 'unknown-transaction' })
    for (const feeRate of [0.5, 1_001, Number.NaN])
      expect(await wallet.bump('11'.repeat(32), { feeRate })).toMatchObject({ refused: 'bad-fee-rate' })
    for (const targetBlocks of [0, 1.5, 1_009])
      expect(await wallet.bump('11'.repeat(32), { targetBlocks })).toMatchObject({ refused: 'bad-target' })
    expect(isRefusal(await wallet.pay(payment(1_000n, 'none')))).toBe(true)
  })
})

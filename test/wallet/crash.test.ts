import { describe, expect, it } from 'vitest'
import { transactionId } from '../../domain/chain/codec.ts'
import { buildTransaction } from '../../domain/wallet/build-transaction.ts'
import { signTransaction } from '../../domain/wallet/sign.ts'
import { nativeCurve } from '../../src/curve/native.ts'
import { type Bench, keysOfSeed, LIMIT_MS, openBench, sentBy } from './bench.ts'
import { type SmallChain, smallChain } from './small-chain.ts'

const SUBSIDY = 1_000_000n
const elsewhere = keysOfSeed(7).receive(0).script
const payment = (value: bigint, reference: string) => ({
  outputs: [{ value, script: elsewhere }],
  purpose: 'payment' as const,
  reference,
})

const funded = async (coins: number): Promise<{ chain: SmallChain; bench: Bench }> => {
  const chain = smallChain()
  const bench = openBench(chain)
  for (let i = 0; i < coins; i++) await chain.mine(1, bench.keys.receive(i).script)
  await chain.mine(2, elsewhere)
  await bench.until(
    'the coins are known',
    async (wallet) => (await wallet.balance()).confirmed === SUBSIDY * BigInt(coins),
  )
  return { chain, bench }
}
const inMempool = async (chain: SmallChain, txid: string) =>
  (await chain.mempool()).some((tx) => transactionId(tx) === txid)

/** The payment is on disk and the node went down before it was given to it. */
const paidButNotSent = async (chain: SmallChain, bench: Bench) => {
  const broadcast = chain.broadcast
  chain.broadcast = async (tx) => {
    chain.down = true
    return broadcast(tx)
  }
  const sent = sentBy(await bench.wallet.pay(payment(5_000n, 'lease')))
  chain.broadcast = broadcast
  return sent
}

describe('after a crash', { timeout: LIMIT_MS }, () => {
  it('a payment that was decided but not sent is sent once, with the same coins', async () => {
    const { chain, bench } = await funded(2)
    const sent = await paidButNotSent(chain, bench)
    expect(sent.broadcast).toBe(false)
    await bench.stop()
    expect(chain.offered).toEqual([])

    chain.down = false
    bench.restart()
    await bench.until('sent', () => inMempool(chain, sent.txid))
    expect(sentBy(await bench.wallet.pay(payment(5_000n, 'lease')))).toMatchObject({ txid: sent.txid, broadcast: true })
    await chain.mine(1, elsewhere)
    await bench.until('confirmed', async (wallet) => (await wallet.balance()).reserved === 0n)
    await bench.stop()
    bench.restart()
    await chain.mine(3, elsewhere)
    await bench.until('quiet', async (wallet) => (await wallet.balance()).unconfirmed === 0n)
    expect(new Set(chain.offered)).toEqual(new Set([sent.txid]))
    expect((await bench.facts()).filter((fact) => fact.type === 'wallet.sent')).toHaveLength(1)
  })

  it('a node that comes back is given the payment without a restart', async () => {
    const { chain, bench } = await funded(1)
    const sent = await paidButNotSent(chain, bench)
    chain.down = false
    await bench.until('sent', () => inMempool(chain, sent.txid))
  })

  it('a node whose events end, as when it closes, is asked again after a pause', async () => {
    const { chain, bench } = await funded(1)
    await bench.stop()
    const follow = chain.follow
    chain.follow = async function* () {
      chain.follow = follow
      yield { kind: 'caught-up', tip: await chain.tip() }
    }
    await chain.mine(1, bench.keys.receive(1).script)
    await chain.mine(2, elsewhere)
    bench.restart()
    await bench.until('found', async (wallet) => (await wallet.balance()).confirmed === SUBSIDY * 2n)
  })

  it('it goes on after the last block noted, and nothing is counted twice', async () => {
    const { chain, bench } = await funded(2)
    await bench.stop()
    await chain.mine(1, bench.keys.receive(2).script)
    await chain.mine(2, elsewhere)
    bench.restart()
    await bench.until('found', async (wallet) => (await wallet.balance()).confirmed === SUBSIDY * 3n)
    const before = await bench.facts()
    for (let i = 0; i < 3; i++) {
      await bench.stop()
      bench.restart()
      await chain.mine(1, elsewhere)
    }
    await bench.until('same', async (wallet) => (await wallet.balance()).confirmed === SUBSIDY * 3n)
    expect(await bench.facts()).toEqual(before)
  })

  it('it notes its place now and then, though no block was about it', async () => {
    const { chain, bench } = await funded(0)
    await chain.mine(250, elsewhere)
    const notes = async () => (await bench.facts()).filter((fact) => fact.type === 'wallet.scanned')
    await bench.until('noted', async () => (await notes()).length === 2)
    expect((await notes()).map((fact) => fact.height)).toEqual([99, 199])
  })

  it('a payment that the node refuses at once leaves the coins and the reference free', async () => {
    const { chain, bench } = await funded(1)
    const stolen = buildTransaction(
      [{ txid: (await bench.wallet.history())[0]!.txid, vout: 0 }],
      [{ value: 900_000n, script: elsewhere }],
      { value: 0n, script: elsewhere },
    )
    await bench.stop()
    await chain.broadcast(signTransaction(stolen, [{ value: SUBSIDY, key: bench.keys.receive(0) }], nativeCurve))
    await expect(bench.wallet.pay(payment(5_000n, 'lease'))).rejects.toMatchObject({ code: 'chain.rejected' })
    expect(await bench.wallet.balance()).toMatchObject({ confirmed: SUBSIDY, reserved: 0n })
    bench.restart()
    await bench.until('stolen', async (wallet) => (await wallet.balance()).confirmed === 0n)
    expect(await bench.wallet.pay(payment(5_000n, 'lease'))).toMatchObject({ refused: 'insufficient-funds' })
  })
})

describe('on a reorganisation', { timeout: LIMIT_MS }, () => {
  it('a payment that lost its block is offered again, and confirms again', async () => {
    const { chain, bench } = await funded(1)
    const sent = sentBy(await bench.wallet.pay(payment(5_000n, 'lease')))
    await chain.mine(1, elsewhere)
    await bench.until('confirmed', async (wallet) => (await wallet.balance()).reserved === 0n)
    chain.disconnect(1, 'forgotten')
    await bench.until('offered again', () => inMempool(chain, sent.txid))
    expect((await bench.wallet.balance()).reserved).toBe(SUBSIDY)
    await chain.mine(1, elsewhere)
    await bench.until('confirmed again', async (wallet) => (await wallet.balance()).reserved === 0n)
  })

  it('coins come back when another payment of theirs wins', async () => {
    const { chain, bench } = await funded(2)
    const sent = sentBy(await bench.wallet.pay(payment(5_000n, 'lease')))
    const coin = sent.tx.inputs[0]!
    const rival = buildTransaction([coin], [{ value: 990_000n, script: bench.keys.receive(9).script }], {
      value: 0n,
      script: elsewhere,
    })
    await chain.mine(1, elsewhere)
    await bench.until('confirmed', async (wallet) => (await wallet.balance()).reserved === 0n)
    await bench.stop()
    chain.disconnect(1)
    chain.mineExactly([rival], elsewhere)
    await chain.mine(1, elsewhere)
    bench.restart()
    await bench.until('rival won', async (wallet) => (await wallet.balance()).confirmed === SUBSIDY + 990_000n)
    const again = sentBy(await bench.wallet.pay(payment(5_000n, 'lease')))
    expect(again).toMatchObject({ txid: sent.txid, dropped: true })
    expect((await bench.wallet.history()).find((entry) => entry.txid === sent.txid)).toMatchObject({
      dropped: true,
      change: 0n,
    })
  })

  it('what others sent and the network forgot is not counted any more', async () => {
    const { chain, bench } = await funded(1)
    const payer = openBench(chain, { account: 3 })
    await chain.mine(1, payer.keys.receive(0).script)
    await chain.mine(2, elsewhere)
    await payer.until('funded', async (wallet) => (await wallet.balance()).confirmed === SUBSIDY)
    const script = bench.keys.receive(5).script
    const gift = sentBy(await payer.wallet.pay({ outputs: [{ value: 7_000n, script }], purpose: 'payment' }))
    await bench.until('seen', async (wallet) => (await wallet.balance()).unconfirmed === 7_000n)
    await payer.stop()
    chain.forget(gift.txid)
    await chain.mine(1, elsewhere)
    await bench.until('gone', async (wallet) => (await wallet.balance()).unconfirmed === 0n)
    expect((await bench.facts()).at(-1)).toMatchObject({ type: 'wallet.dropped', txid: gift.txid, reason: 'vanished' })
  })

  it('a whole chain that is replaced leaves only what the new one has', async () => {
    const { chain, bench } = await funded(3)
    chain.disconnect(4, 'forgotten')
    await chain.mine(5, bench.keys.receive(4).script)
    await chain.mine(2, elsewhere)
    await bench.until('new chain', async (wallet) => (await wallet.balance()).confirmed === SUBSIDY * 6n)
    expect(await bench.wallet.balance()).toMatchObject({ unconfirmed: 0n, immature: 0n, reserved: 0n })
  })
})

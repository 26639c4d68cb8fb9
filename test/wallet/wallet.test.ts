import { describe, expect, it } from 'vitest'
import { toHex } from '../../domain/bytes.ts'
import { transactionId, virtualSize } from '../../domain/chain/codec.ts'
import { nullData } from '../../domain/chain/script.ts'
import { outPointKey } from '../../domain/chain/transaction.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { type Bench, keysOfSeed, LIMIT_MS, openBench, sentBy } from './bench.ts'
import { type SmallChain, smallChain } from './small-chain.ts'

const SUBSIDY = 1_000_000n
const elsewhere = keysOfSeed(7).receive(0).script
const payment = (value: bigint, reference?: string) => ({
  outputs: [{ value, script: elsewhere }],
  purpose: 'payment' as const,
  ...(reference === undefined ? {} : { reference }),
})
const announcement = { outputs: [{ value: 0n, script: nullData(new Uint8Array(80)) }] }
const withBond = (bench: Bench, value = 1_000n) => ({
  outputs: [...announcement.outputs, { value, script: bench.wallet.identity.script }],
})

/** A wallet with so many mature coins of 1,000,000 sats, caught up. */
const funded = async (
  coins: number,
  options: Parameters<typeof openBench>[1] = {},
): Promise<{ chain: SmallChain; bench: Bench }> => {
  const chain = smallChain()
  const bench = openBench(chain, options)
  for (let i = 0; i < coins; i++) await chain.mine(1, bench.keys.receive(i).script)
  await chain.mine(2, elsewhere)
  await bench.until(
    'the coins are known',
    async (wallet) => (await wallet.balance()).confirmed === SUBSIDY * BigInt(coins),
  )
  return { chain, bench }
}

describe('wallet', { timeout: LIMIT_MS }, () => {
  it('shows an address until it is paid, then the next', async () => {
    const chain = smallChain()
    const bench = openBench(chain)
    expect(await bench.wallet.receiveAddress()).toMatch(/^bcrt1q/)
    expect(await bench.wallet.receiveScript()).toEqual(bench.keys.receive(0).script)
    await chain.mine(1, await bench.wallet.receiveScript())
    await bench.until(
      'next address',
      async (wallet) => toHex(await wallet.receiveScript()) === toHex(bench.keys.receive(1).script),
    )
    expect((await bench.wallet.balance()).immature).toBe(SUBSIDY)
  })

  it('pays, and counts its change at once', async () => {
    const { chain, bench } = await funded(1)
    const sent = sentBy(await bench.wallet.pay(payment(300_000n, 'rent')))
    expect(sent).toMatchObject({ broadcast: true, dropped: false, txid: transactionId(sent.tx) })
    expect(sent.fee).toBeGreaterThanOrEqual(BigInt(virtualSize(sent.tx)))
    const change = SUBSIDY - 300_000n - sent.fee
    expect(await bench.wallet.balance()).toEqual({
      confirmed: 0n,
      unconfirmed: change,
      immature: 0n,
      reserved: SUBSIDY,
    })
    await chain.mine(1, elsewhere)
    await bench.until('confirmed', async (wallet) => (await wallet.balance()).confirmed === change)
    expect(await bench.wallet.balance()).toEqual({ confirmed: change, unconfirmed: 0n, immature: 0n, reserved: 0n })
    const [newest] = await bench.wallet.history()
    expect(newest).toMatchObject({
      txid: sent.txid,
      change: -300_000n - sent.fee,
      purpose: 'payment',
      reference: 'rent',
    })
  })

  it('never pays a reference twice, not even at once', async () => {
    const { chain, bench } = await funded(3)
    const answers = await Promise.all([1, 2, 3, 4].map(() => bench.wallet.pay(payment(1_000n, 'lease-1'))))
    expect(new Set(answers.map((answer) => sentBy(answer).txid)).size).toBe(1)
    await bench.stop()
    bench.restart()
    expect(sentBy(await bench.wallet.pay(payment(9_000n, 'lease-1'))).txid).toBe(sentBy(answers[0]!).txid)
    expect(await chain.mempool()).toHaveLength(1)
  })

  it('never uses a coin for two payments, though two wallets write at once', async () => {
    const { chain, bench } = await funded(6)
    const other = openBench(chain, { journal: bench.journal, following: false })
    const answers = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((_, i) => (i % 2 === 0 ? bench : other).wallet.pay(payment(600_000n))),
    )
    const inputs = answers.flatMap((answer) => sentBy(answer).tx.inputs.map(outPointKey))
    expect(new Set(inputs).size).toBe(inputs.length)
    expect(await chain.mempool()).toHaveLength(6)
  })

  it('says no when there is too little, too small, or nothing to pay, and writes nothing then', async () => {
    const { chain, bench } = await funded(1)
    const before = await bench.journal.head()
    expect(await bench.wallet.pay(payment(SUBSIDY))).toMatchObject({ refused: 'insufficient-funds', have: SUBSIDY })
    expect(await bench.wallet.pay(payment(293n))).toMatchObject({ refused: 'dust-output' })
    expect(await bench.wallet.pay(payment(-1n))).toMatchObject({ refused: 'bad-amount' })
    expect(await bench.wallet.pay(payment(22_000_000n * 100_000_000n))).toMatchObject({ refused: 'bad-amount' })
    expect(await bench.wallet.pay({ outputs: [], purpose: 'payment' })).toMatchObject({ refused: 'no-outputs' })
    expect(await bench.wallet.pay({ ...payment(1_000n), feeRate: Number.NaN })).toMatchObject({
      refused: 'bad-fee-rate',
    })
    expect(await bench.wallet.pay(payment(1_000n, ''))).toMatchObject({ refused: 'bad-reference' })
    const outpoint = { txid: '11'.repeat(32), vout: 0 }
    expect(await bench.wallet.spendOutput({ outpoint })).toMatchObject({ refused: 'unknown-coin' })
    expect(await bench.journal.head()).toBe(before)
    expect(chain.offered).toEqual([])
  })

  it('gives each reference one channel key, and owns what is paid to it', async () => {
    const { chain, bench } = await funded(0)
    const [first, again, second] = await Promise.all(['a', 'a', 'b'].map((lease) => bench.wallet.channelKey(lease)))
    expect(again).toEqual(first)
    expect([first!.index, second!.index]).toEqual([0, 1])
    await chain.mine(1, second!.script)
    await bench.until('paid', async (wallet) => (await wallet.balance()).immature === SUBSIDY)
  })
})

describe('announcing', { timeout: LIMIT_MS }, () => {
  it('makes the identity the author, first giving it exactly what that needs', async () => {
    const { chain, bench } = await funded(2)
    const { tx, txid } = sentBy(await bench.wallet.announce({ ...withBond(bench), reference: 'a1' }))
    const [gift, announced] = await chain.mempool()
    expect(transactionId(announced!)).toBe(txid)
    expect(tx.inputs).toHaveLength(1)
    expect(tx.inputs[0]).toMatchObject({ txid: transactionId(gift!), vout: 0 })
    expect(gift!.outputs[0]!.script).toEqual(bench.wallet.identity.script)
    expect(tx.inputs[0]!.witness[1]).toEqual(bench.wallet.identity.publicKey)
    expect(tx.outputs).toHaveLength(2)
    expect(sentBy(await bench.wallet.announce({ ...withBond(bench), reference: 'a1' })).txid).toBe(txid)
    expect(await chain.mempool()).toHaveLength(2)
  })

  it('uses a coin that the identity has, and never an older bond', async () => {
    const { chain, bench } = await funded(2)
    const first = sentBy(await bench.wallet.announce(withBond(bench)))
    await chain.mine(1, bench.wallet.identity.script)
    await chain.mine(2, elsewhere)
    await bench.until('paid', async (wallet) => (await wallet.balance()).confirmed > SUBSIDY * 2n)
    const second = sentBy(await bench.wallet.announce(withBond(bench)))
    expect(await chain.mempool()).toHaveLength(1)
    expect(second.tx.inputs[0]!.witness[1]).toEqual(bench.wallet.identity.publicKey)
    expect(second.tx.inputs.map(outPointKey)).not.toContain(`${first.txid}:1`)
  })

  it('withdraws by spending the bond, once, back to the wallet', async () => {
    const { chain, bench } = await funded(1)
    const { txid } = sentBy(await bench.wallet.announce(withBond(bench)))
    await chain.mine(1, elsewhere)
    const outpoint = { txid, vout: 1 }
    const withdrawn = sentBy(await bench.wallet.spendOutput({ outpoint }))
    expect(withdrawn.tx.inputs.map(outPointKey)).toEqual([outPointKey(outpoint)])
    expect(withdrawn.tx.outputs).toEqual([{ value: 1_000n - withdrawn.fee, script: bench.keys.change(1).script }])
    expect(sentBy(await bench.wallet.spendOutput({ outpoint })).txid).toBe(withdrawn.txid)
    expect(await bench.wallet.spendOutput({ outpoint, reference: 'other' })).toMatchObject({ refused: 'already-spent' })
    expect(await chain.output(outpoint)).toBe(undefined)
  })

  it('adds a coin when the bond is too small to pay for its own return', async () => {
    const { bench } = await funded(1)
    const { txid } = sentBy(await bench.wallet.announce(withBond(bench, 330n)))
    const withdrawn = sentBy(await bench.wallet.spendOutput({ outpoint: { txid, vout: 1 } }))
    expect(withdrawn.tx.inputs).toHaveLength(2)
    expect(outPointKey(withdrawn.tx.inputs[0]!)).toBe(`${txid}:1`)
  })

  it('knows its bonds when it is restored from its words alone', async () => {
    const { chain, bench } = await funded(1)
    const { txid } = sentBy(await bench.wallet.announce(withBond(bench)))
    await chain.mine(1, elsewhere)
    await bench.until('confirmed', async (wallet) => (await wallet.balance()).reserved === 0n)
    const restored = openBench(chain, { journal: memoryJournal() })
    const balance = await bench.wallet.balance()
    await restored.until('restored', async (wallet) => (await wallet.balance()).confirmed === balance.confirmed)
    const received = (await restored.facts()).filter((fact) => fact.type === 'wallet.received')
    expect(received.filter((fact) => fact.bond).map((fact) => `${fact.txid}:${fact.vout}`)).toEqual([`${txid}:1`])
  })
})

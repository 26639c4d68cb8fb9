import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock/system.ts'
import { nativeCurve } from '../../src/curve/native.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { KEY_GAP } from '../../src/wallet/port.ts'
import { openWallet } from '../../src/wallet/wallet.ts'
import { key } from '../chain/coins.ts'
import { LIMIT_MS, openBench, sentBy } from './bench.ts'
import { smallChain } from './small-chain.ts'

const elsewhere = key(77).script
const SUBSIDY = 1_000_000n

describe('a wallet restored from its words', { timeout: LIMIT_MS }, () => {
  it('finds all up to the gap, and what lies behind when the gap moves', async () => {
    const chain = smallChain()
    const { keys } = openBench(chain, { following: false })
    await chain.mine(1, keys.receive(KEY_GAP - 1).script)
    await chain.mine(1, keys.receive(2 * KEY_GAP - 1).script)
    await chain.mine(1, keys.receive(3 * KEY_GAP).script)
    await chain.mine(1, keys.change(KEY_GAP).script)
    await chain.mine(3, elsewhere)
    const restored = openBench(chain)
    await restored.until('found', async (it) => (await it.balance()).confirmed >= 2n * SUBSIDY)
    await chain.mine(1, elsewhere)
    // One behind each gap is not looked for.
    expect((await restored.wallet.balance()).confirmed).toBe(2n * SUBSIDY)
    expect(await restored.wallet.receiveScript()).toEqual(keys.receive(2 * KEY_GAP).script)
  })

  it('finds what lies behind the usual gap, when its keystore asks to look further', async () => {
    const chain = smallChain()
    const { keys } = openBench(chain, { following: false })
    await chain.mine(1, keys.receive(3 * KEY_GAP).script)
    await chain.mine(3, elsewhere)
    const stop = new AbortController()
    const wallet = openWallet({
      keys: { ...keys, gap: 4 * KEY_GAP },
      journal: memoryJournal(),
      engine: chain,
      clock: systemClock,
      curve: nativeCurve,
    })
    const following = wallet.follow(stop.signal)
    while ((await wallet.balance()).confirmed < SUBSIDY) await systemClock.sleep(10)
    stop.abort()
    await following
  })

  it('has the balance and the coins of the one that was lost', async () => {
    const chain = smallChain()
    const lost = openBench(chain)
    for (let i = 0; i < 3; i++) await chain.mine(1, lost.keys.receive(i).script)
    await chain.mine(2, elsewhere)
    await lost.until('funded', async (it) => (await it.balance()).confirmed === 3n * SUBSIDY)
    for (const [value, reference] of [
      [200_000n, 'a'],
      [1_700_000n, 'b'],
    ] as const)
      sentBy(await lost.wallet.pay({ outputs: [{ value, script: elsewhere }], purpose: 'payment', reference }))
    await chain.mine(1, elsewhere)
    await lost.until('confirmed', async (it) => (await it.balance()).reserved === 0n)
    const restored = openBench(chain)
    const balance = await lost.wallet.balance()
    await restored.until('the same', async (it) => (await it.balance()).confirmed === balance.confirmed)
    expect(await restored.wallet.balance()).toEqual(balance)
    expect((await restored.wallet.history()).map(({ txid, change }) => [txid, change])).toEqual(
      (await lost.wallet.history()).map(({ txid, change }) => [txid, change]),
    )
  })
})

describe('labels', { timeout: LIMIT_MS }, () => {
  it('stand in the history, are changed and taken away, and belong to what is known', async () => {
    const chain = smallChain()
    const bench = openBench(chain)
    await chain.mine(1, bench.keys.receive(0).script)
    await bench.until('seen', async (it) => (await it.history()).length === 1)
    const { wallet } = bench
    const { txid } = (await wallet.history())[0]!
    for (const label of ['first coin', 'my first coin', 'my first coin']) await wallet.label(txid, label)
    expect(await wallet.history()).toMatchObject([{ txid, label: 'my first coin' }])
    expect((await bench.facts()).filter(({ type }) => type === 'wallet.labelled')).toHaveLength(2)
    await wallet.label(txid, ' ')
    expect((await wallet.history())[0]).not.toHaveProperty('label')
    expect(await wallet.label('11'.repeat(32), 'x')).toMatchObject({ refused: 'unknown-transaction' })
    expect(await wallet.label(txid, 'x'.repeat(201))).toMatchObject({ refused: 'bad-label' })
  })
})

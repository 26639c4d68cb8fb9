import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { networkNamed } from '../../domain/chain/network.ts'
import { nullData } from '../../domain/chain/script.ts'
import { outPointKey } from '../../domain/chain/transaction.ts'
import { openXencoind, type Xencoind } from '../../src/chain/xencoind/xencoind.ts'
import { systemClock } from '../../src/clock/system.ts'
import { nativeCurve } from '../../src/curve/native.ts'
import { keysOfSeed, openBench, sentBy } from './bench.ts'

const LIMIT_MS = 120_000
const network = networkNamed('regtest')
const elsewhere = keysOfSeed(7).receive(0).script

let folder: string
let node: Xencoind
const open = async (): Promise<void> => {
  node = await openXencoind({ dataDir: folder, network, curve: nativeCurve, clock: systemClock })
}
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zennet-wallet-'))
  await open()
})
afterEach(async () => {
  await node.close()
  await rm(folder, { recursive: true, force: true })
})

describe('wallet on the embedded node', { timeout: LIMIT_MS }, () => {
  it('mines, pays, announces, withdraws, and agrees with the node about every coin', async () => {
    const bench = openBench(node)
    const other = openBench(node, { account: 3 })
    await node.mine(3, await bench.wallet.receiveScript())
    await node.mine(network.coinbaseMaturity, elsewhere)
    await bench.until('mature', async (wallet) => (await wallet.balance()).confirmed === 3n * network.subsidy)

    const script = await other.wallet.receiveScript()
    const paid = sentBy(
      await bench.wallet.pay({
        outputs: [{ value: 123_456n, script }],
        purpose: 'payment',
        reference: 'p',
        feeRate: 2.5,
      }),
    )
    await other.until('seen in the mempool', async (wallet) => (await wallet.balance()).unconfirmed === 123_456n)

    const record = { value: 0n, script: nullData(new Uint8Array(75)) }
    const bond = { value: 1_000n, script: bench.wallet.identity.script }
    const announced = sentBy(await bench.wallet.announce({ outputs: [record, bond] }))
    const again = sentBy(await bench.wallet.announce({ outputs: [record, bond] }))
    const withdrawn = sentBy(await bench.wallet.spendOutput({ outpoint: { txid: announced.txid, vout: 1 } }))
    for (const sent of [paid, announced, again, withdrawn]) expect(sent.broadcast).toBe(true)
    expect(await node.mempool()).toHaveLength(6)

    await node.mine(1, elsewhere)
    await other.until('paid', async (wallet) => (await wallet.balance()).confirmed === 123_456n)
    await bench.until('settled', async (wallet) => (await wallet.balance()).reserved === 0n)
    const fees = (await bench.wallet.history()).reduce((total, entry) => total + (entry.fee ?? 0n), 0n)
    const bondLeft = 1_000n
    expect((await bench.wallet.balance()).confirmed).toBe(3n * network.subsidy - 123_456n - fees)
    expect(await node.output({ txid: again.txid, vout: 1 })).toMatchObject({ value: bondLeft })

    for (const fact of await bench.facts()) {
      if (fact.type !== 'wallet.received') continue
      const spent = (await bench.facts()).some(
        (each) =>
          (each.type === 'wallet.spent' && outPointKey(each) === outPointKey(fact)) ||
          (each.type === 'wallet.sent' && each.inputs.some((input) => outPointKey(input) === outPointKey(fact))),
      )
      expect((await node.output(fact))?.value).toBe(spent ? undefined : fact.value)
    }
  })

  it('gets through a reorganisation, and a restart of everything', async () => {
    const bench = openBench(node)
    await node.mine(2, await bench.wallet.receiveScript())
    await node.mine(network.coinbaseMaturity, elsewhere)
    await bench.until('mature', async (wallet) => (await wallet.balance()).confirmed === 2n * network.subsidy)
    const outputs = [{ value: 50_000n, script: elsewhere }]
    const sent = sentBy(await bench.wallet.pay({ outputs, purpose: 'funding', reference: 'lease' }))
    const [hash] = await node.mine(1, await bench.wallet.receiveScript())
    await bench.until('confirmed', async (wallet) => (await wallet.balance()).immature === network.subsidy + sent.fee)

    await node.invalidateBlock(hash!)
    await bench.until('back in the mempool', async (wallet) => (await wallet.balance()).immature === 0n)
    expect((await bench.wallet.balance()).reserved).toBe(network.subsidy)
    expect(await node.transaction(sent.txid)).toMatchObject({ tx: sent.tx })

    await bench.stop()
    await node.close()
    await open()
    const restarted = openBench(node, { journal: bench.journal })
    expect(sentBy(await restarted.wallet.pay({ outputs, purpose: 'funding', reference: 'lease' })).txid).toBe(sent.txid)
    await node.mine(2, elsewhere)
    await restarted.until('confirmed again', async (wallet) => (await wallet.balance()).reserved === 0n)
    expect((await restarted.wallet.balance()).confirmed).toBe(2n * network.subsidy - 50_000n - sent.fee)
  })
})

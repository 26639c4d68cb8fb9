import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { fromHex, toHex } from '../../domain/bytes.ts'
import { decodeAddress } from '../../domain/chain/address.ts'
import { encodeTransaction, transactionId } from '../../domain/chain/codec.ts'
import { isRefusal } from '../../domain/fact.ts'
import { skipWithoutBitcoind, whyNoBitcoind } from '../bitcoind/bitcoind.ts'
import { bitcoindEngine } from '../bitcoind/engine.ts'
import { key } from '../chain/coins.ts'
import { LIMIT_MS, openBench } from './bench.ts'

const elsewhere = key(77).script
const made = <T extends object>(answer: T): Exclude<T, { refused: string }> => {
  if (isRefusal(answer)) throw new Error(answer.why)
  return answer as Exclude<T, { refused: string }>
}

describe.skipIf(skipWithoutBitcoind)(`PSBTs and a real bitcoind ${whyNoBitcoind}`, { timeout: LIMIT_MS }, () => {
  const funded = async () => {
    const under = await bitcoindEngine({ wallet: true })
    onTestFinished(() => under.dispose())
    const { engine, call } = under
    await call(z.any(), 'createwallet', ['peer'])
    const bench = openBench(engine)
    for (let i = 0; i < 2; i++) await engine.mine(1, bench.keys.receive(i).script)
    const peerAddress = await call(z.string(), 'getnewaddress', ['', 'bech32'])
    await engine.mine(1, decodeAddress(engine.network, peerAddress))
    await engine.mine(engine.network.coinbaseMaturity, elsewhere)
    await bench.until('funded', async (it) => (await it.balance()).confirmed === 2n * engine.network.subsidy)
    return { engine, call, bench, peerAddress }
  }

  it('of ours are read, finalised and taken by it', async () => {
    const { engine, call, bench } = await funded()
    const { psbts } = bench.wallet
    const { psbt, fee } = made(
      await psbts.create({ outputs: [{ value: 70_000_000_00n, script: elsewhere }], feeRate: 3 }),
    )
    const decoded = await call(z.any(), 'decodepsbt', [psbt])
    expect(BigInt(Math.round(decoded.fee * 1e8))).toBe(fee)
    expect(decoded.inputs).toHaveLength(2)
    expect(decoded.inputs[0].bip32_derivs[0]).toMatchObject({
      path: expect.stringMatching(/^m\/84[h']\/1[h']\/0[h']\/0\/[01]$/),
    })
    expect(await call(z.any(), 'analyzepsbt', [psbt])).toMatchObject({ next: 'signer' })

    const signed = await psbts.sign(psbt)
    expect(signed.signed).toBe(2)
    const theirs = await call(z.any(), 'finalizepsbt', [signed.psbt])
    const ours = psbts.finalize(signed.psbt)
    expect(theirs).toMatchObject({ complete: true, hex: toHex(encodeTransaction(ours.tx)) })
    const [verdict] = await call(z.any(), 'testmempoolaccept', [[theirs.hex]])
    expect(verdict.allowed).toBe(true)
    await engine.broadcast(ours.tx)
    await engine.mine(1, elsewhere)
    await bench.until('seen', async (it) => (await it.balance()).confirmed < engine.network.subsidy * 2n)
  })

  it('of both are signed by each, in any order, and combined', async () => {
    const { engine, call, bench } = await funded()
    const [coin] = await call(z.array(z.any()), 'listunspent')
    const ourCoin = (await bench.facts()).find((fact) => fact.type === 'wallet.received')!
    const address = await call(z.string(), 'getnewaddress', ['', 'bech32'])
    const raw = await call(z.string(), 'createpsbt', [
      [
        { txid: coin.txid, vout: coin.vout },
        { txid: ourCoin.txid, vout: ourCoin.vout },
      ],
      [{ [address]: 99.9999 }],
    ])
    // Their updater adds what each input spends, from its own set of coins.
    const updated = await call(z.string(), 'utxoupdatepsbt', [raw])
    const { psbts } = bench.wallet
    const ours = await psbts.sign(updated)
    expect(ours.signed).toBe(1)
    const theirs = await call(z.any(), 'walletprocesspsbt', [updated, true, 'ALL', true, false])
    expect(() => psbts.finalize(ours.psbt)).toThrow(expect.objectContaining({ code: 'wallet.psbt-incomplete' }))
    const together = psbts.combine([ours.psbt, theirs.psbt])
    expect(await call(z.any(), 'finalizepsbt', [together, false])).toMatchObject({ complete: true })
    const { tx } = psbts.finalize(together)
    expect(tx.inputs).toHaveLength(2)
    await engine.broadcast(tx)
    await engine.mine(1, elsewhere)
    expect((await engine.transaction(transactionId(tx)))?.block).toBeDefined()

    const combined = await call(z.string(), 'combinepsbt', [[ours.psbt, theirs.psbt]])
    expect(toHex(encodeTransaction(psbts.finalize(combined).tx))).toBe(toHex(encodeTransaction(tx)))
  })

  it('are made by one that only watches, from our descriptors, and signed here', async () => {
    const { engine, call, bench } = await funded()
    for (const { account, descriptor } of bench.wallet.descriptors()) {
      const info = await call(z.any(), 'getdescriptorinfo', [descriptor])
      expect(info).toMatchObject({ isrange: true, issolvable: true, hasprivatekeys: false, descriptor })
      const addresses = await call(z.array(z.string()), 'deriveaddresses', [descriptor, [0, 4]])
      expect(addresses.map((address) => toHex(decodeAddress(engine.network, address)))).toEqual(
        [0, 1, 2, 3, 4].map((index) => toHex(bench.keys.at({ account, index }).script)),
      )
    }
    await call(z.any(), 'unloadwallet', ['peer'])
    await call(z.any(), 'createwallet', ['watcher', true])
    const imported = bench.wallet
      .descriptors()
      .slice(0, 2)
      .map(({ account, descriptor }) => ({
        desc: descriptor,
        active: true,
        internal: account === 'change',
        timestamp: 0,
        range: [0, 50],
      }))
    const outcome = await call(z.array(z.any()), 'importdescriptors', [imported])
    expect(outcome).toMatchObject([{ success: true }, { success: true }])
    const to = await call(z.any(), 'deriveaddresses', [bench.wallet.descriptors()[3]!.descriptor, [9, 9]])
    const made = await call(z.any(), 'walletcreatefundedpsbt', [[], [{ [to[0]]: 60 }], 0, { fee_rate: 5 }])
    const signed = await bench.wallet.psbts.sign(made.psbt)
    expect(signed.signed).toBe(2)
    const { tx } = bench.wallet.psbts.finalize(signed.psbt)
    await engine.broadcast(tx)
    await engine.mine(1, elsewhere)
    expect((await engine.transaction(transactionId(tx)))?.block).toBeDefined()
  })

  it('that lie about our coins are not signed', async () => {
    const { call, bench } = await funded()
    const ourCoin = (await bench.facts()).find((fact) => fact.type === 'wallet.received')!
    const address = await call(z.string(), 'getnewaddress', ['', 'bech32'])
    const raw = await call(z.string(), 'createpsbt', [[{ txid: ourCoin.txid, vout: ourCoin.vout }], [{ [address]: 1 }]])
    const honest = Buffer.from(await call(z.string(), 'utxoupdatepsbt', [raw]), 'base64').toString('hex')
    // 50 coins, little-endian, said to be 49.
    const lie = honest.replace('00f2052a01000000', '00111024010000 00'.replace(' ', ''))
    expect(lie).not.toBe(honest)
    await expect(bench.wallet.psbts.sign(Buffer.from(fromHex(lie)).toString('base64'))).rejects.toMatchObject({
      code: 'wallet.bad-psbt',
    })
  })
})

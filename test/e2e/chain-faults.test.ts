import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeAddress } from '../../domain/chain/address.ts'
import { p2wpkh } from '../../domain/chain/script.ts'
import { findProgram } from '../../src/machine/host-program.ts'
import { staticBusybox } from '../../src/machine/toolbox.ts'
import { skipWithoutBitcoind, whyNoBitcoind } from '../bitcoind/bitcoind.ts'
import { goesOn } from './goes-on.ts'
import { LIMIT_MS, type Market, openMarket, until } from './market.ts'
import { coinsOf, expectPaidOnChain } from './money.ts'
import { factsOf, leaseOf, stopLease } from './story.ts'

const missing = [
  ...['unshare', 'nsenter', 'setpriv'].filter((name) => findProgram(name) === undefined),
  ...(staticBusybox() === undefined ? ['busybox-static'] : []),
]
const unable = skipWithoutBitcoind || (missing.length > 0 && !process.env['CI'])
const timeout = 3 * LIMIT_MS
const SIDES = ['publisher', 'provider'] as const

describe.skipIf(unable)(
  `leases on a real bitcoind that gives trouble ${whyNoBitcoind} ${missing.map((name) => `(no ${name})`)}`,
  { timeout },
  () => {
    let market: Market
    let leaseId: string
    const waiting = () => market.chain.rpc<string[]>('getrawmempool')
    /** Blocks that take nothing of what waits, as when its fee is too low for every miner. */
    const mineWithout = async (blocks: number) => {
      const address = encodeAddress(market.chain.network, p2wpkh(new Uint8Array(20)))
      for (let i = 0; i < blocks; i++) await market.chain.rpc('generateblock', address, [])
    }
    const spendersOf = async (txid: string) => {
      const all = await Promise.all(
        (await waiting()).map(async (waits) => {
          const { vin } = await market.chain.rpc<{ vin: { txid: string }[] }>('getrawtransaction', waits, 1)
          return vin.some((input) => input.txid === txid) ? [waits] : []
        }),
      )
      return all.flat()
    }
    beforeAll(async () => {
      const provider = ['--reconnect-ms', '8000']
      market = await openMarket({ machines: 'namespace', chain: 'bitcoind', provider })
      leaseId = await market.rent()
    }, timeout)
    afterAll(() => market?.close(), timeout)

    it('takes the funding’s block back: the lease goes on, and the funding waits for another', async () => {
      const { fundingTxid } = (await leaseOf(market.publisher, leaseId))!
      type Block = { readonly tx: readonly string[]; readonly previousblockhash: string }
      market.mineWhatWaits(false)
      await market.chain.mine(1)
      let hash = await market.chain.rpc<string>('getbestblockhash')
      for (;;) {
        const block = await market.chain.rpc<Block>('getblock', hash)
        if (block.tx.includes(fundingTxid!)) break
        hash = block.previousblockhash
      }
      await market.chain.rpc('invalidateblock', hash)
      expect(await waiting()).toContain(fundingTxid)
      await goesOn(market, leaseId, 3)
      // To somebody else: the same block again would be as invalid as it was.
      await market.chain.mine(5, encodeAddress(market.chain.network, p2wpkh(new Uint8Array(20).fill(7))))
      expect(await waiting()).not.toContain(fundingTxid)
      await goesOn(market, leaseId, 3)
    })

    it('takes no close at its fee: it is replaced by one that pays more, until a block has it', async () => {
      const { fundingTxid } = (await leaseOf(market.publisher, leaseId))!
      market.mineWhatWaits(false)
      await stopLease(market.publisher, leaseId)
      const oneClose = async () => {
        const [txid, ...more] = await spendersOf(fundingTxid!)
        return more.length === 0 && txid
      }
      const first = await until(oneClose, waiting)
      // It waits from when its provider first looks after it: three blocks later another takes its place.
      const second = await until(async () => {
        await mineWithout(1)
        await sleep(500)
        const txid = await oneClose()
        return txid !== first && txid
      }, waiting)
      market.mineWhatWaits(true)
      const { settled } = await expectPaidOnChain(market, leaseId)
      expect(settled.settlementTxid).toBe(second)
      expect(settled.end).toMatchObject({ code: 'stopped-by-publisher' })
    })

    it('goes on while both are gone until the channel expires: the publisher takes its budget back', async () => {
      market.mineWhatWaits(true)
      leaseId = await market.rent({ maxDurationS: 60 })
      const { capacitySats } = (await leaseOf(market.publisher, leaseId))!
      await Promise.all(SIDES.map((side) => market[side].kill()))
      // Twice what the longest duration takes, and 200 blocks more.
      await market.chain.mine(210)
      await market.publisher.start()
      const refunded = await market.when(market.publisher, leaseId, ({ stage }) => stage === 'REFUNDED')
      const [returned, ...more] = await market.chain.outputsOf(refunded.settlementTxid!)
      expect(more).toEqual([])
      expect(returned!.sats).toBeGreaterThan(BigInt(capacitySats!) - 2_000n)
      await until(
        async () => BigInt((await coinsOf(market, 'publisher')).confirmedSats) > market.funds - 50_000n,
        async () => JSON.stringify(await coinsOf(market, 'publisher')),
      )
      await market.provider.start()
      const lost = await market.when(
        market.provider,
        leaseId,
        ({ stage, released }) => stage === 'REFUNDED' && released,
      )
      expect(lost.settlementTxid).toBe(refunded.settlementTxid)
      for (const side of SIDES)
        expect((await factsOf(market[side], leaseId)).filter(({ type }) => type === 'lease.ended')).toHaveLength(1)
    })
  },
)

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { transactionId } from '../../domain/chain/codec.ts'
import type { Transaction, TxInput, TxOutput } from '../../domain/chain/transaction.ts'
import { findFunding, fundingOutput } from '../../domain/channel/script.ts'
import { cooperativeClose, joinTogether, signTogether, topUp } from '../../domain/channel/together.ts'
import { type ClosingChannel, closeTransaction, refundTransaction } from '../../domain/channel/transaction.ts'
import { type ChainEngine, Rejected } from '../../src/chain/port.ts'
import { coinOf, curve, key, type OwnCoin, pay, spend } from '../chain/coins.ts'
import {
  CAPACITY,
  type Change,
  type Channel,
  paying,
  providerChanges,
  publisherRefunds,
  sidesOf,
  signCoins,
  voucher,
  withOutputs,
} from '../channel/sides.ts'
import type { EngineUnderTest } from './chain-engine.ts'

const miner = key(250)
const payoutScript = key(251).script
const COINS = 60
/** Reasons begin so where a signature or a branch of the funding script says no. */
const SCRIPT = /script-verify-flag/
const GONE = /missingorspent/

/** What nodes take and refuse of a channel's transactions: one list for every engine, `xencoind` and a real bitcoind. */
export const channelContract = (name: string, open: () => Promise<EngineUnderTest>): void => {
  describe(`channels on ${name}`, () => {
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
    /** Channels opened by one transaction, in a block; the coins' rest goes back. */
    const opened = async <N extends Partial<Channel['params']>>(...wanted: N[]): Promise<Channel[]> => {
      const { height } = await engine.tip()
      const sides = wanted.map((changes, i) => sidesOf(i + 1, height + 1_000, changes))
      const coin = await freshCoin()
      const outputs = sides.map(({ params }) => fundingOutput(params))
      const rest = coin.value - outputs.reduce((sum, { value }) => sum + value, 0n) - 5_000n
      const tx = spend({ from: [coin], to: [{ value: rest, script: miner.script }, ...outputs] })
      await engine.broadcast(tx)
      await mine()
      return sides.map((side) => ({ ...side, funding: findFunding(tx, side.params)! }))
    }
    const openOne = async (changes: Partial<Channel['params']> = {}): Promise<Channel> => (await opened(changes))[0]!

    const refused = async (tx: Transaction): Promise<string> => {
      const error = await engine.broadcast(tx).catch((caught: unknown) => caught)
      if (error instanceof Rejected) return error.reason
      throw error instanceof Error ? error : new Error('it was accepted')
    }
    /** Into the mempool and into a block. */
    const takes = async (tx: Transaction): Promise<void> => {
      const txid = await engine.broadcast(tx)
      await mine()
      expect((await engine.transaction(txid))?.block).toBeDefined()
    }
    const close = (channels: ClosingChannel[], feeRateSatsPerVb = 2) =>
      closeTransaction({ channels, feeRateSatsPerVb, payoutScript, curve })
    const refund = (channel: Channel) => refundTransaction({ ...channel, feeRateSatsPerVb: 2, curve })
    const together = (tx: Transaction, { params, publisherSecret, providerSecret }: Channel): Transaction =>
      joinTogether(
        tx,
        0,
        params,
        {
          publisher: signTogether(tx, 0, params, publisherSecret, curve),
          provider: signTogether(tx, 0, params, providerSecret, curve),
        },
        curve,
      )

    it('takes a batch of openings, and closes across publishers in one transaction', async () => {
      const channels = await opened({}, { publisherScript: key(202).script }, { publisherScript: key(203).script })
      const tx = close([paying(channels[0]!, 40_000n), paying(channels[1]!, 99_900n), paying(channels[2]!, 1_000n)])
      await takes(tx)
      expect(tx.outputs.map(({ value }) => value).slice(0, -1)).toEqual([60_000n, 99_000n])
      for (const { funding } of channels) expect(await engine.output(funding)).toBeUndefined()
    })

    it.each([1_000n, 50_000n, 99_706n, 99_707n, CAPACITY])('takes a close that pays %d', async (paid) => {
      await takes(close([paying(await openOne(), paid)]))
    })

    it('takes opening and close before either is in a block', async () => {
      const coin = await freshCoin()
      const side = sidesOf(1, 2_000)
      const funding = spend({ from: [coin], to: [fundingOutput(side.params)] })
      // All the rest is fee: this node asks no questions about too much.
      await engine.broadcast(funding)
      const tx = close([paying({ ...side, funding: findFunding(funding, side.params)! }, 40_000n)])
      await takes(tx)
    })

    it('takes an older voucher too: whoever closes with it takes less', async () => {
      const channel = await openOne()
      const older = paying(channel, 5_000n)
      voucher(channel, 60_000n)
      const tx = close([older])
      await takes(tx)
      expect(tx.outputs[0]?.value).toBe(95_000n)
    })

    it('takes no second close, whichever voucher it has', async () => {
      const channel = await openOne()
      await takes(close([paying(channel, 5_000n)]))
      expect(await refused(close([paying(channel, 60_000n)]))).toMatch(GONE)
      expect(await refused(close([paying(channel, 4_000n)]))).toMatch(GONE)
    })

    it('takes a close that both sign whole, and one that gives everything back before expiry', async () => {
      for (const paid of [0n, 30_000n]) {
        const channel = await openOne()
        const feeFrom = paid === 0n ? 'publisher' : 'provider'
        const tx = cooperativeClose({ channels: [channel], paid, feeFrom, feeRateSatsPerVb: 2 })
        await takes(together(tx, channel))
        expect(tx.outputs.length).toBe(paid === 0n ? 1 : 2)
      }
    })

    it('takes a top-up, and then a close of the larger channel', async () => {
      const channel = await openOne()
      const coins = [await freshCoin()]
      const next = { ...channel.params, capacity: CAPACITY * 3n, expiryHeight: channel.params.expiryHeight + 100 }
      const draft = topUp({ ...channel, next, coins, changeScript: miner.script, feeRateSatsPerVb: 2 })
      const tx = signCoins(together(draft, channel), coins, 1)
      const larger: Channel = { ...channel, params: next, funding: findFunding(tx, next)! }
      const closing = paying(larger, 250_000n)
      await takes(tx)
      expect(await refused(close([paying(channel, 90_000n)]))).toMatch(GONE)
      await takes(close([closing]))
    })

    it('takes a refund once the channel expired, not a block before, and then no close', async () => {
      const { height } = await engine.tip()
      const channel = await openOne({ expiryHeight: height + 4 })
      const tx = refund(channel)
      for (;;) {
        const tip = await engine.tip()
        // The next block is `tip + 1`: a lock time of h lets a transaction into blocks above h.
        if (tip.height >= channel.params.expiryHeight) break
        expect(await refused(tx)).toBe('non-final')
        await mine()
      }
      await takes(tx)
      expect(await refused(close([paying(channel, 60_000n)]))).toMatch(GONE)
    })

    it('takes a close after expiry, as long as there was no refund', async () => {
      const { height } = await engine.tip()
      const channel = await openOne({ expiryHeight: height + 3 })
      await mine(5)
      await takes(close([paying(channel, 60_000n)]))
    })

    const last = (outputs: readonly TxOutput[]): TxOutput => outputs.at(-1)!
    /** What a provider may try with a close that pays 40,000 of one channel. */
    const CHEATS: Record<string, Change> = {
      'raises its share': withOutputs(([back, payout]) => [
        { ...back!, value: back!.value - 1_000n },
        { ...payout!, value: payout!.value + 1_000n },
      ]),
      'shaves a sat': withOutputs(([back, payout]) => [{ ...back!, value: back!.value - 1n }, payout!]),
      'gives too much back': withOutputs(([back, payout]) => [
        { ...back!, value: back!.value + 1n },
        { ...payout!, value: payout!.value - 1n },
      ]),
      'leaves the publisher’s output away': withOutputs((outputs) => [last(outputs)]),
      'swaps the outputs': withOutputs(([back, payout]) => [payout!, back!]),
      'puts an output of its own first': withOutputs((outputs) => [
        { ...last(outputs), value: 300n },
        outputs[0]!,
        { ...last(outputs), value: last(outputs).value - 300n },
      ]),
      'pays the publisher’s share to itself': withOutputs(([back, payout]) => [
        { ...back!, script: payoutScript },
        payout!,
      ]),
      'signs another sequence': (tx) => ({
        ...tx,
        inputs: tx.inputs.map((input): TxInput => ({ ...input, sequence: 0xffffffff })),
      }),
      'signs another version': (tx) => ({ ...tx, version: 1 }),
      'signs a lock time': (tx) => ({ ...tx, lockTime: 1 }),
    }
    it.each(Object.entries(CHEATS))('refuses a provider that %s', async (_what, change) => {
      const channel = await openOne()
      const honest = close([paying(channel, 40_000n)])
      expect(await refused(providerChanges(honest, [channel], change))).toMatch(SCRIPT)
      await takes(providerChanges(honest, [channel], (tx) => tx))
    })

    it('refuses a provider that shaves one publisher of a batch, or lets one output serve two', async () => {
      const channels = await opened({}, {})
      const honest = close(channels.map((channel) => paying(channel, 40_000n)))
      const [first, second, payout] = honest.outputs as [TxOutput, TxOutput, TxOutput]
      const cheat = (outputs: TxOutput[]) =>
        providerChanges(
          honest,
          channels,
          withOutputs(() => outputs),
        )
      const more = (sats: bigint) => ({ ...payout, value: payout.value + sats })
      expect(await refused(cheat([first, { ...second, value: second.value - 1_000n }, more(1_000n)]))).toMatch(SCRIPT)
      expect(await refused(cheat([{ ...first, value: first.value - 1_000n }, second, more(1_000n)]))).toMatch(SCRIPT)
      expect(await refused(cheat([first, more(second.value)]))).toMatch(SCRIPT)
      await takes(cheat([first, second, payout]))
    })

    it('refuses a batch in which two publishers’ outputs changed places', async () => {
      const channels = await opened({}, { publisherScript: key(202).script })
      const honest = close(channels.map((channel) => paying(channel, 40_000n)))
      const swapped = withOutputs(([first, second, payout]) => [second!, first!, payout!])
      expect(await refused(providerChanges(honest, channels, swapped))).toMatch(SCRIPT)
      // Inputs and outputs together may change places: each publisher signed its own pair.
      const both: Change = (tx) => ({ ...swapped(tx), inputs: [tx.inputs[1]!, tx.inputs[0]!] })
      await takes(providerChanges(honest, channels, both))
    })

    /** The close of `channel` with a signature of the publisher's for something else. */
    const withSignature = (channel: Channel, paid: bigint, foreign: Uint8Array): Transaction => {
      const tx = close([paying(channel, paid)])
      const other = Uint8Array.from(foreign)
      return { ...tx, inputs: tx.inputs.map((input) => ({ ...input, witness: input.witness.with(1, other) })) }
    }
    const signatureIn = (tx: Transaction) => tx.inputs[0]!.witness[1]!

    it('refuses a voucher of another channel, of another funding of the same, and of another amount', async () => {
      const channels = await opened({}, {}, { publisherKey: key(1).publicKey, providerKey: key(101).publicKey })
      const [channel, other] = channels as [Channel, Channel, Channel]
      // The same keys, script and amount as the first, in the third output of the batch.
      const elsewhere: Channel = { ...channel, funding: { ...channel.funding, vout: channel.funding.vout + 2 } }
      for (const foreign of [
        signatureIn(close([paying(other, 40_000n)])),
        signatureIn(close([paying(elsewhere, 40_000n)])),
        signatureIn(close([paying(channel, 39_999n)])),
        signatureIn(close([paying(channel, 90_000n)])),
      ]) {
        expect(await refused(withSignature(channel, 40_000n, foreign))).toMatch(SCRIPT)
      }
      await takes(close([paying(channel, 40_000n)]))
      await takes(close([paying(elsewhere, 40_000n)]))
    })

    it('refuses a voucher signed for another capacity than the funding has', async () => {
      const channel = await openOne()
      const promised: Channel = { ...channel, params: { ...channel.params, capacity: CAPACITY * 2n } }
      expect(await refused(close([paying(promised, 40_000n)]))).toMatch(/^bad-txns-in-belowout|script-verify-flag/)
      await takes(close([paying(channel, 40_000n)]))
    })

    it('refuses what one side signed alone', async () => {
      const channel = await openOne()
      const tx = close([paying(channel, 40_000n)])
      const [dummy, theirs, own, branch, script] = tx.inputs[0]!.witness as Uint8Array[]
      const withWitness = (witness: (Uint8Array | undefined)[]): Transaction => ({
        ...tx,
        inputs: tx.inputs.map((input) => ({ ...input, witness: witness.map((item) => item!) })),
      })
      for (const witness of [
        [dummy, own, own, branch, script],
        [dummy, theirs, theirs, branch, script],
        [dummy, own, theirs, branch, script],
        [dummy, dummy, dummy, branch, script],
        [theirs, dummy, script],
        [own, dummy, script],
      ])
        expect(await refused(withWitness(witness))).toMatch(SCRIPT)
      await takes(tx)
    })

    const LIES: Record<string, Change> = {
      'a lock time below the expiry': (tx) => ({ ...tx, lockTime: 1 }),
      'no lock time': (tx) => ({ ...tx, lockTime: 0 }),
      'a time instead of a height': (tx) => ({ ...tx, lockTime: 500_000_001 }),
      'an input that makes its lock time void': (tx) => ({
        ...tx,
        inputs: tx.inputs.map((input): TxInput => ({ ...input, sequence: 0xffffffff })),
      }),
    }
    it.each(Object.entries(LIES))('refuses a refund before expiry with %s', async (_what, change) => {
      const channel = await openOne()
      expect(await refused(publisherRefunds(refund(channel), channel, change))).toMatch(SCRIPT)
      expect(await refused(refund(channel))).toBe('non-final')
      await takes(close([paying(channel, 40_000n)]))
    })

    it('refuses a provider that takes the refund, also after expiry', async () => {
      const { height } = await engine.tip()
      const channel = await openOne({ expiryHeight: height + 3 })
      await mine(5)
      const stolen: Channel = { ...channel, publisherSecret: channel.providerSecret }
      const asOwn = withOutputs(([back]) => [{ ...back!, script: payoutScript }])
      expect(await refused(publisherRefunds(refund(channel), stolen, asOwn))).toMatch(SCRIPT)
      await takes(refund(channel))
    })

    it('takes a child that pays for a close with a low fee', async () => {
      const channel = await openOne()
      const parent = close([paying(channel, 40_000n)], 1)
      await engine.broadcast(parent)
      const child = pay(coinOf(parent, 0, key(200)), miner, 3_000n)
      await engine.broadcast(child)
      await mine()
      expect((await engine.transaction(transactionId(child)))?.block).toBeDefined()
      expect((await engine.transaction(transactionId(parent)))?.block).toBeDefined()
    })
  })
}

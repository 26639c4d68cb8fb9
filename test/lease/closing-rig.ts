import { toHex } from '../../domain/bytes.ts'
import { encodeTransaction } from '../../domain/chain/codec.ts'
import type { OutPoint, Transaction } from '../../domain/chain/transaction.ts'
import { findFunding, fundingOutput } from '../../domain/channel/script.ts'
import type { ChannelParams } from '../../domain/channel/transaction.ts'
import type { ChainEngine } from '../../src/chain/port.ts'
import { systemClock } from '../../src/clock/system.ts'
import { nativeCurve } from '../../src/curve/native.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { openStreams } from '../../src/journal/streams.ts'
import { type Ledger, openLedger } from '../../src/lease/ledger.ts'
import type { Party } from '../../src/lease/party.ts'
import { TrackRecord } from '../../src/market/track-record.ts'
import { systemRandom } from '../../src/random/system.ts'
import { deriveKeys } from '../../src/wallet/keys.ts'
import { coinOf, key, type OwnCoin, spend } from '../chain/coins.ts'
import { type Channel, sidesOf, voucher } from '../channel/sides.ts'

export const miner = key(250)
const COINS = 20

/** Channels of one side on a real chain, and a fee rate that the test decides on. */
export const closingRig = async (engine: ChainEngine, side: 'publisher' | 'provider' = 'provider') => {
  await engine.mine(COINS + engine.network.coinbaseMaturity, miner.script)
  const fees = { rate: 2 }
  let used = 0
  const freshCoin = async (): Promise<OwnCoin> => {
    const found = await engine.blockAt(++used)
    return coinOf(found!.block.transactions[0]!, 0, miner)
  }
  const said: string[] = []
  const say = (_fields: object, message: string) => void said.push(message)
  const channels = new Map<string, Channel>()
  const party: Party = {
    streams: openStreams(memoryJournal()),
    engine: { ...engine, feeRate: async () => fees.rate },
    network: engine.network,
    keys: deriveKeys(systemRandom.bytes(64), engine.network),
    curve: nativeCurve,
    clock: systemClock,
    random: systemRandom,
    log: { debug: say, info: say, warn: say, error: say },
    channelKey: async (leaseId) => {
      const channel = channels.get(leaseId)!
      const { params } = channel
      return { secret: channel[`${side}Secret`], publicKey: params[`${side}Key`], script: params[`${side}Script`] }
    },
    payoutScript: async () => toHex(key(201).script),
    track: new TrackRecord(memoryJournal(), systemClock),
  }

  /** A channel with a voucher for `paid` in the log; its funding is on the chain now, later, or never can be. */
  const opened = async (
    paid: bigint,
    changes: Partial<ChannelParams> = {},
    funded: 'now' | 'later' | 'never' = 'now',
  ): Promise<{ ledger: Ledger; channel: Channel; funding: OutPoint }> => {
    const { height } = await engine.tip()
    const n = channels.size + 1
    const sides = sidesOf(n, height + 1_000, changes)
    const coin = await freshCoin()
    const from = [funded === 'never' ? { ...coin, vout: 7 } : coin]
    const tx = spend({ from, to: [fundingOutput(sides.params)] })
    const funding = findFunding(tx, sides.params)!
    if (funded === 'now') {
      await engine.broadcast(tx)
      await engine.mine(1, miner.script)
    }
    const leaseId = n.toString(16).padStart(32, '0')
    const channel = { ...sides, funding }
    channels.set(leaseId, channel)
    const ledger = openLedger(party.streams, leaseId)
    const { params } = channel
    const terms = {
      publisherKey: toHex(params.publisherKey),
      providerKey: toHex(params.providerKey),
      expiryHeight: params.expiryHeight,
      capacitySats: params.capacity,
      publisherScript: toHex(params.publisherScript),
      providerScript: toHex(params.providerScript),
    }
    const at = systemClock.now()
    await ledger.record(
      [],
      [
        { kind: 'propose', at, terms },
        { kind: 'fund', at, ...funding, raw: toHex(encodeTransaction(tx)) },
        { kind: 'pay', at, paid, signature: toHex(voucher(channel, paid)) },
      ],
    )
    return { ledger, channel, funding }
  }

  /** What in the mempool spends an output. */
  const spenders = async (point: OutPoint): Promise<Transaction[]> =>
    (await engine.mempool()).filter(({ inputs }) =>
      inputs.some(({ txid, vout }) => txid === point.txid && vout === point.vout),
    )
  return { party, opened, fees, said, spenders }
}

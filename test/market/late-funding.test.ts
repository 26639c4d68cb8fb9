import { it, onTestFinished } from 'vitest'
import { channelStream } from '../../domain/ids.ts'
import { systemClock } from '../../src/clock/system.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { openStreams } from '../../src/journal/streams.ts'
import { channelRules } from '../../src/lease/ledger.ts'
import { ChainWatch } from '../../src/market/chain-watch.ts'
import { Watched } from '../../src/market/watched.ts'
import { key, pay } from '../chain/coins.ts'
import { freshNode, ripeCoins } from '../chain/fresh-node.ts'
import { channelFacts } from '../domain/channel/sample.ts'

const LEASE = '00'.repeat(16)

it('opens a channel whose funding was in a block before the log knew the channel', { timeout: 60_000 }, async () => {
  const { node } = await freshNode()
  const journal = memoryJournal()
  const streams = openStreams(journal)
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
  const stop = new AbortController()
  const watched = new Watched(journal)
  const following = new ChainWatch({ engine: node, journal, streams, clock: systemClock, log, watched }).run(
    stop.signal,
  )
  onTestFinished(async () => {
    stop.abort(new Error('the test is over'))
    await following
  })
  const heard = async (type: string, height: number) => {
    const limit = AbortSignal.timeout(50_000)
    for await (const followed of journal.follow(0, { types: [type] }, limit)) {
      if (followed.kind === 'fact' && (followed.recorded.fact as { height?: number }).height === height) return
    }
    throw new Error(`no ${type} at ${height}`)
  }

  const [coin] = await ripeCoins(node, key(1), 1)
  const funding = await node.broadcast(pay(coin!, key(2)))
  await node.mine(1, key(1).script)
  const { height } = await node.tip()
  await node.mine(1, key(1).script)
  await heard('chain.connected', height + 1)

  const { 'channel.proposed': proposed, 'channel.funded': funded } = channelFacts()
  await streams.execute(channelRules, channelStream(LEASE), [
    { kind: 'propose', at: proposed.at, terms: proposed.terms },
    { kind: 'fund', at: funded.at, txid: funding, vout: 0, raw: funded.raw },
  ])
  await node.mine(1, key(1).script)
  await heard('channel.opened', height)
})

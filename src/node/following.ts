import type { Log } from '../log/port.ts'
import { ChainWatch } from '../market/chain-watch.ts'
import { IndexWatch } from '../market/index-watch.ts'
import { MempoolWatch } from '../market/mempool-watch.ts'
import type { Part } from './duty.ts'
import type { Hands } from './hands.ts'

/**
 * Follows the chain into the log: blocks, announcements, channels, the mempool, the wallet's coins, and, where it is wanted, who paid
 * whom.
 */
export const openFollowing = (
  { journal, streams, wallet, party, watched }: Hands,
  log: Log,
  chainIndex: boolean,
): Part => {
  const { engine, clock } = party
  const stop = new AbortController()
  const watch = new ChainWatch({ engine, journal, streams, clock, log, watched })
  const parts = [
    watch.run(stop.signal),
    wallet.follow(stop.signal),
    new MempoolWatch({ engine, journal, clock, log }).run(stop.signal),
    ...(chainIndex ? [new IndexWatch({ engine, journal, clock, log }).run(stop.signal)] : []),
  ]
  const following = parts.map((part) =>
    part.catch((err) => {
      if (!stop.signal.aborted) log.error({ err }, 'the chain is not followed any more; restart the node')
    }),
  )
  return {
    async close() {
      stop.abort(new Error('the node stops'))
      await Promise.all(following)
    },
  }
}

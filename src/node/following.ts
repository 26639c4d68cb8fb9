import type { Log } from '../log/port.ts'
import { ChainWatch } from '../market/chain-watch.ts'
import type { Part } from './duty.ts'
import type { Hands } from './hands.ts'

/** Follows the chain into the log: blocks, announcements, channels, and the wallet's coins. */
export const openFollowing = ({ streams, wallet, party, watched }: Hands, log: Log): Part => {
  const { engine, clock } = party
  const stop = new AbortController()
  const watch = new ChainWatch({ engine, streams, clock, log, watched })
  const following = [watch.run(stop.signal), wallet.follow(stop.signal)].map((part) =>
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

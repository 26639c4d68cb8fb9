import { Fault } from '../../domain/fault.ts'
import type { Claims } from './port.ts'
import { Turns } from './turns.ts'

/** For a node whose log nobody else writes to, as its locked data directory sees to: everything is its own, and nothing is written. */
export const soleClaims = (): Claims => {
  const turns = new Turns()
  const closing = new AbortController()
  return {
    async hold(name, outer) {
      const asked = AbortSignal.any([outer, closing.signal])
      const leave = await turns.take(name, asked)
      const ended = new AbortController()
      const signal = AbortSignal.any([asked, ended.signal])
      return {
        name,
        signal,
        guard: [],
        check: () => {
          if (ended.signal.aborted) throw ended.signal.reason
        },
        isLost: (error) => error instanceof Fault && error.code === 'claim.lost',
        release: async () => {
          ended.abort(new Fault('claim.lost', `this node has given ${name} back`))
          leave()
        },
      }
    },
    close: async () => closing.abort(new Error('the claims are closed')),
  }
}

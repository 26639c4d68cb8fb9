import { acceptedFacts } from '../../domain/accepts.ts'
import { type LeaseState, stageOf } from '../../domain/lease/lease.ts'
import type { Problem, Terminals } from '../api/port.ts'
import type { Streams } from '../journal/streams.ts'
import { openLedger } from '../lease/ledger.ts'
import type { KeptKeys, OpenTerminal } from '../shell/port.ts'
import { guarded, problem } from './answer.ts'

export type TerminalsParts = {
  readonly streams: Streams
  readonly open: OpenTerminal
  /** Undefined while this node is not the publisher. */
  readonly publisher: () => { shellPort(leaseId: string): Promise<number | undefined>; keys: KeptKeys } | undefined
}

/** Terminals in machines that this node rents: over the lease's own tunnel, with a key that it keeps, to the host key in the terms. */
export const openTerminals = ({ streams, open, publisher }: TerminalsParts): Terminals => {
  const keyOf = async ({ context }: LeaseState, leaseId: string): Promise<string | undefined> =>
    context.side === 'publisher' && context.terms !== undefined
      ? await publisher()?.keys.of(leaseId, context.terms.shell.authorizedKeys)
      : undefined
  return {
    keyKept: async (leaseId) => (await keyOf(await openLedger(streams, leaseId).lease(), leaseId)) !== undefined,
    async open(leaseId, terminal) {
      const state = await openLedger(streams, leaseId).lease()
      const { terms, side } = state.context
      if (stageOf(state) === 'unknown')
        return problem('not-found', `there is no lease ${leaseId}`, 'See `zennet lease ls`.')
      if (side !== 'publisher' || terms === undefined || stageOf(state) !== 'meter') return notRunning(state)
      const from = publisher()
      if (!from) return problem('standby', 'another node on this log is the publisher now', 'Open it at that node.')
      const key = await keyOf(state, leaseId)
      if (key === undefined)
        return problem(
          'terminal.no-key',
          'this node keeps no key that the terms of the lease contain',
          'Use your own: `zennet lease ssh LEASE --identity FILE`. Rent with keepKey to have one kept.',
        )
      const port = await from.shellPort(leaseId)
      if (port === undefined)
        return problem(
          'terminal.unreachable',
          'there is no session with the provider now',
          'Try again: it calls by itself.',
          'peer-unreachable',
        )
      const { user, hostKey } = terms.shell
      return guarded(() => open({ port, user, hostKey }, key, terminal))
    },
  }
}

const notRunning = (state: LeaseState): Problem => ({
  ...problem(
    'state-conflict',
    state.context.side === 'publisher' ? `the lease is in ${stageOf(state)}` : 'this node lends the machine out',
    'A terminal is opened on the publisher’s node, while the lease runs.',
  ),
  conflict: { state: stageOf(state), accepts: acceptedFacts(state) },
})

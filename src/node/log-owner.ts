import type { Fact } from '../../domain/fact.ts'
import { Fault } from '../../domain/fault.ts'
import { Conflict, type Journal } from '../journal/port.ts'

/** Whose log it is: the first fact of a stream of its own. */
type LogOwned = Fact & { readonly type: 'log.owned'; readonly identity: string; readonly network: string }

const STREAM = 'log'

/**
 * A log belongs to one wallet on one network: written down by the first node that acts on it, checked by all others. Another
 * wallet would spend coins that it has no keys for, and answer for leases that are not its own.
 * @param identity public key, hex
 * @throws Fault `node.other-log`, and those of the journal
 */
export const checkLogOwner = async (
  journal: Journal,
  { identity, network }: { readonly identity: string; readonly network: string },
  now: number,
): Promise<void> => {
  const owned: LogOwned = { type: 'log.owned', at: now, identity, network }
  for (;;) {
    const [first] = await journal.read(STREAM, 0, 1)
    if (first) return refuseOther(first.fact as LogOwned, owned)
    try {
      await journal.transact([{ stream: STREAM, expected: 0, facts: [owned] }])
      return
    } catch (error) {
      // Two nodes that start together: one of them was first.
      if (!(error instanceof Conflict)) throw error
    }
  }
}

const refuseOther = (first: LogOwned, own: LogOwned): void => {
  if (first.identity === own.identity && first.network === own.network) return
  throw new Fault('node.other-log', `the log is of wallet ${first.identity} on ${first.network}, not of this node’s`, {
    culprit: 'you',
    next: 'Nodes that share a log share the wallet: name its file with --wallet-file. Or give this node a log of its own.',
  })
}

import { setTimeout as delay } from 'node:timers/promises'
import { Fault } from '../../../domain/fault.ts'
import type { GraphqlClient } from '../../api/client.ts'
import type { Progress } from '../progress.ts'
import { LOOK_MS } from './settle.ts'

/** How long the other side, the wallet and the chain's node may take with something that was asked for, ms. */
const ANSWER_WAIT_MS = 120_000

type Answer = { readonly type: string; readonly fact: { readonly code?: string; readonly why?: string } }
type Asked = {
  /** Types of the facts that say that it is asked for, and of those that say what came of it. */
  readonly pending: readonly string[]
  readonly over: readonly string[]
  readonly what: string
  readonly progress: Progress
}

/** Waits until the lease's log says what came of it: there is one such thing at a time. @throws Fault `cli.timed-out` */
export const answered = async (
  client: GraphqlClient,
  leaseId: string,
  atLeast: string,
  { pending, over, what, progress }: Asked,
): Promise<Answer> => {
  const until = performance.now() + ANSWER_WAIT_MS
  for (;;) {
    const { lease } = await client.request<{ lease: { log: { edges: readonly { node: Answer }[] } } | null }>(
      `query($leaseId: Hex!, $atLeast: Position, $types: [String!]) { lease(leaseId: $leaseId, atLeast: $atLeast) {
        log(first: 1, filter: { type: $types }, orderBy: { by: VERSION, direction: DESCENDING }) {
          edges { node { type fact } } } } }`,
      { leaseId, atLeast, types: [...pending, ...over] },
    )
    const newest = lease?.log.edges[0]?.node
    if (newest !== undefined && over.includes(newest.type)) {
      progress.clear()
      return newest
    }
    if (performance.now() > until)
      throw new Fault('cli.timed-out', `the lease ${leaseId}: ${what}, in vain so far`, {
        culprit: 'peer-unreachable',
        next: 'It goes on by itself while the lease runs; see zennet lease watch.',
      })
    progress.show(what)
    await delay(LOOK_MS)
  }
}

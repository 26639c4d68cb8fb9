import { randomUUID } from 'node:crypto'
import { type ChangeFlags, changeBy } from '../change.ts'
import { notFound, usageFault } from '../exit-code.ts'
import type { NodeClient } from '../node-client.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import { type Output, printValue } from '../output.ts'
import { doneOrFault, PROBLEM_FIELDS, type ProblemView } from '../problem.ts'

type Withdrawn = { readonly __typename: 'AnnouncementWithdrawn'; readonly withdrawalTxid: string }

/** An announcement by its transaction, or by the beginning of that when it names one of the newest alone. @throws Fault `not-found`, `cli.usage` */
export const announcementIdOf = async (client: NodeClient, given: string): Promise<string> => {
  if (/^[0-9a-f]{64}$/.test(given)) return given
  if (!/^[0-9a-f]{4,63}$/.test(given))
    throw usageFault('That is no announcement: expected 4 to 64 hex digits.', 'See zennet market ls.')
  const { announcements } = await client.lookUp<{ announcements: { edges: { node: { txid: string } }[] } }>(
    '{ announcements(first: 100) { edges { node { txid } } } }',
  )
  const found = announcements.edges.map(({ node }) => node.txid).filter((txid) => txid.startsWith(given))
  if (found.length > 1) throw usageFault(`${found.length} announcements begin with ${given}.`, 'Give more digits.')
  if (found[0] === undefined) throw noAnnouncement(given)
  return found[0]
}

export const noAnnouncement = (given: string) =>
  notFound(`there is no announcement ${given}`, 'See zennet post ls, or zennet market ls --all.')

/** Takes the bond back; prints the transaction that does. Leases that run go on. */
export const cancelPost = async (
  given: string,
  flags: NodeFlags & ChangeFlags & { readonly output: Output },
): Promise<void> => {
  const client = connect(flags)
  const txid = await announcementIdOf(client, given)
  const { withdrawn } = await changeBy<{ withdrawn: Withdrawn | ProblemView }>(
    client,
    {
      document: `mutation($input: WithdrawAnnouncementInput!) { withdrawn: withdrawAnnouncement(input: $input) {
        __typename ... on AnnouncementWithdrawn { withdrawalTxid } ${PROBLEM_FIELDS} } }`,
      variables: { input: { txid, idempotencyKey: randomUUID() } },
      does: `withdraw the announcement ${txid}: no new lease comes of it, and its bond comes back`,
    },
    flags,
  )
  printValue('withdrawalTxid', doneOrFault(withdrawn).withdrawalTxid, flags.output)
}

import { randomUUID } from 'node:crypto'
import { type ChangeFlags, changeBy } from '../change.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import { type Column, type Output, printOne, printValue } from '../output.ts'
import { doneOrFault, PROBLEM_FIELDS, type ProblemView } from '../problem.ts'
import { msatToSats, showNumber, showSize, showTime } from '../quantity.ts'
import { orderOf } from '../rent/order.ts'
import { type CheckedRequest, checkedRequest, type PostFlags } from './check.ts'

type Flags = NodeFlags & ChangeFlags & PostFlags & { readonly output: Output; readonly key?: string }
type Posted = { readonly __typename: 'AnnouncementPosted'; readonly txid: string }

/** Posts an announcement and prints its transaction. What comes of it goes on by itself. */
export const createPost = async (file: string | undefined, flags: Flags): Promise<void> => {
  const { input, request } = await checkedRequest(file, flags)
  const client = connect(flags)
  const { body, order } = request
  const { post } = await changeBy<{ post: Posted | ProblemView }>(
    client,
    {
      document: `mutation($input: PostAnnouncementInput!) { post: postAnnouncement(input: $input) {
        __typename ... on AnnouncementPosted { txid } ${PROBLEM_FIELDS} } }`,
      variables: { input: { ...input, idempotencyKey: flags.key ?? randomUUID() } },
      ...orderOf('post an announcement for', client, {
        count: body.count,
        maxPrice: body.maxHourlyMsat / 1_000n,
        duration: body.maxDurationMs / 1_000,
        budget: order.capacitySats,
        ...(order.mostSats === undefined ? {} : { maxBudget: order.mostSats }),
      }),
    },
    flags,
  )
  printValue('txid', doneOrFault(post).txid, flags.output)
}

const FIELDS: readonly Column<CheckedRequest>[] = [
  ['image', ({ request }) => request.body.image],
  ['machines', ({ request }) => request.body.count],
  [
    'each',
    ({ request: { body } }) =>
      `${body.resources.cpuMillis / 1_000} cores, ${showSize(body.resources.memoryBytes)}, disk ${showSize(body.resources.diskBytes)}, ${body.resources.pids} processes`,
  ],
  ['isolation', ({ request }) => `${request.body.isolation} at least, network ${request.body.machineNetwork}`],
  ['at most', ({ request }) => `${showNumber(msatToSats(request.body.maxHourlyMsat))} sats an hour each`],
  ['locked', ({ request }) => `${showNumber(request.order.capacitySats)} sats in each channel`],
  ['for', ({ request }) => `${showTime(request.body.maxDurationMs / 1_000)} at most`],
  ['stands for', ({ request }) => `${request.expiryBlocks} blocks`],
  ['keys', ({ request }) => `${request.order.authorizedKeys.length}`],
  ['label', ({ request }) => request.body.label],
]

/** Checks a request as the node would, and shows what it would make of it. Posts nothing, and needs no node. */
export const validatePost = async (file: string, flags: PostFlags & { readonly output: Output }): Promise<void> => {
  const checked = await checkedRequest(file, flags)
  printOne(flags.output === 'table' ? checked : (checked.request as never), FIELDS, flags.output)
}

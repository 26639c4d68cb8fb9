import { randomUUID } from 'node:crypto'
import { Fault } from '../../../domain/fault.ts'
import { plainText } from '../../../domain/plain-text.ts'
import { type ChangeFlags, changeBy } from '../change.ts'
import { usageFault } from '../exit-code.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import { say } from '../output.ts'
import { doneOrFault, PROBLEM_FIELDS, type ProblemView } from '../problem.ts'
import { openProgress } from '../progress.ts'
import { msatToSats, showNumber, showTime } from '../quantity.ts'
import { answered } from './answered.ts'
import { leaseIdOf, readLease } from './lease-view.ts'

type Wanted = {
  readonly pricePercent?: number
  readonly maxDurationMs?: number
  readonly longerByMs?: number
  readonly noticeMs?: number
  readonly dataGraceMs?: number
}
type Asked = { readonly __typename: 'LeaseChangeAsked'; readonly position: string }

const wordsOf = ({ pricePercent, maxDurationMs, longerByMs, noticeMs, dataGraceMs }: Wanted): string[] => [
  ...(pricePercent === undefined ? [] : [`prices of ${pricePercent} %`]),
  ...(maxDurationMs === undefined ? [] : [`${showTime(maxDurationMs / 1_000)} in all`]),
  ...(longerByMs === undefined ? [] : [`${showTime(longerByMs / 1_000)} more`]),
  ...(noticeMs === undefined ? [] : [`a notice of ${showTime(noticeMs / 1_000)}`]),
  ...(dataGraceMs === undefined ? [] : [`its data for ${showTime(dataGraceMs / 1_000)} after the end`]),
]

/** Asks the other side for other terms, and waits for its answer. */
export const changeLease = async (
  given: string,
  wanted: Wanted,
  flags: NodeFlags & ChangeFlags & { readonly wait: boolean },
): Promise<void> => {
  if (Object.values(wanted).every((value) => value === undefined))
    throw usageFault('Nothing is to be changed.', 'zennet lease change --help')
  const client = connect(flags)
  const leaseId = await leaseIdOf(client, given)
  const { changeLease: asked } = await changeBy<{ changeLease: Asked | ProblemView }>(
    client,
    {
      document: `mutation($input: ChangeLeaseInput!) { changeLease(input: $input) {
        __typename ... on LeaseChangeAsked { position } ${PROBLEM_FIELDS} } }`,
      variables: { input: { leaseId, ...wanted, idempotencyKey: randomUUID() } },
      does: `ask the other side of the lease ${leaseId} for ${wordsOf(wanted).join(', ')}`,
      asks: true,
    },
    flags,
  )
  const { position } = doneOrFault(asked)
  if (!flags.wait) return say(`${leaseId} is to be changed; zennet lease watch ${leaseId} shows what comes of it`)
  const { type, fact } = await answered(client, leaseId, position, {
    pending: ['lease.change-wanted', 'lease.change-offered'],
    over: ['lease.changed', 'lease.change-refused'],
    what: 'change: waiting for the other side',
    progress: openProgress(),
  })
  if (type === 'lease.change-refused')
    throw new Fault(fact.code ?? 'refused', plainText(`the lease was not changed: ${fact.code}: ${fact.why}`), {
      culprit: 'you',
      next: 'The lease goes on as it was. What is better for the other side is taken at once.',
    })
  const { hourlyMsat, maxDurationS } = await readLease(client, leaseId)
  say(
    `lease ${leaseId.slice(0, 12)} was changed: at most ${showNumber(msatToSats(hourlyMsat))} sats an hour, ${showTime(maxDurationS ?? 0)} in all`,
  )
}

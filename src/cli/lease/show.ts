import { connect, type NodeFlags } from '../node-options.ts'
import { type Column, type Output, printOne } from '../output.ts'
import { msatToSats, showNumber, showSize, showTime } from '../quantity.ts'
import { LEASE_FEED } from '../watch/feeds.ts'
import { watchLive } from '../watch/live.ts'
import type { WatchFlags } from '../watch/options.ts'
import { isOver, type LeaseView, leaseIdOf, readLease } from './lease-view.ts'
import { LEASE_COLUMNS } from './ls.ts'

const FIELDS: readonly Column<LeaseView>[] = [
  ['lease', (it) => it.leaseId],
  ['side', (it) => it.side.toLowerCase()],
  ['stage', (it) => `${it.stage.toLowerCase()}${it.starved ? ' (starved: the newest tick is unpaid)' : ''}`],
  [
    'paused',
    ({ pauses }) =>
      pauses.map(({ code, by, since, next }) => `${code} (${by.toLowerCase()}) since ${since}: ${next}`).join('; '),
  ],
  ['announcement', (it) => it.announcementTxid],
  ['publisher', (it) => it.publisherKey],
  ['provider', (it) => it.providerKey],
  ['image', (it) => it.image],
  [
    'machine',
    ({ resources: it, isolation }) =>
      it &&
      `${it.cpuMillis / 1_000} cores, ${showSize(it.memoryBytes)}, disk ${showSize(it.diskBytes)}, isolation ${isolation?.toLowerCase()}`,
  ],
  ['price', (it) => `at most ${showNumber(msatToSats(it.hourlyMsat))} sats an hour`],
  ['since', (it) => it.servingSince ?? it.soughtAt],
  [
    'paid',
    (it) => `${showNumber(it.paidSats)} sats${it.capacitySats === null ? '' : ` of ${showNumber(it.capacitySats)}`}`,
  ],
  ['inside', (it) => insideOf(it)],
  [
    'lasts',
    ({ forecast: it }) =>
      it &&
      `${showTime(it.emptyInS)} (${it.by.toLowerCase().replace('_', ' ')})${it.low ? ', low' : ''}: at ${showNumber(msatToSats(it.hourlyMsat))} sats an hour, ${
        it.windowS === 0 ? 'the price of full use' : `as in the last ${showTime(it.windowS)}`
      }`,
  ],
  ['funding', (it) => it.fundingTxid],
  ['settlement', (it) => it.settlementTxid],
  ['shell', ({ shell }) => shell && `${shell.user}@${shell.host}:${shell.port}`],
  [
    'notice',
    ({ notices, end }) =>
      end
        ? ''
        : notices
            .filter(({ withdrawn }) => !withdrawn)
            .map(({ by, endsAt }) => `the ${by.toLowerCase()} ends it ${endsAt === null ? 'now' : `at ${endsAt}`}`)
            .join('; '),
  ],
  ['end', ({ end }) => end && `${end.code} (${end.culprit}): ${end.why}`],
  ['data', ({ dataUntil }) => dataUntil && `can be read until ${dataUntil}: zennet lease fetch, or scp`],
  ['next', ({ end }) => end?.next],
  [
    'rules',
    ({ verdict }) =>
      verdict && !verdict.ok
        ? verdict.rules
            .filter(({ ok }) => !ok)
            .map(({ rule, want, have }) => `${rule}: wanted ${want}, have ${have}`)
            .join('; ')
        : '',
  ],
]

/** What was read inside the machine beside what was billed, or why nothing was. */
const insideOf = ({ side, inside, insideProblem }: LeaseView): string => {
  if (side !== 'PUBLISHER') return ''
  const problem = insideProblem === null ? '' : `not measured from inside: ${insideProblem}`
  if (inside === null) return problem
  const counts = inside.counts.map(
    ({ item, read, billed, beyond }) =>
      `${item} ${showNumber(read)} read, ${showNumber(billed)} billed${beyond ? ' (beyond the tolerance)' : ''}`,
  )
  const strikes = inside.strikes === 0 ? [] : [`${inside.strikes} in a row beyond the tolerance`]
  return [`tick ${inside.tick}: ${counts.join(', ')}`, ...strikes, ...(problem ? [`since then ${problem}`] : [])].join(
    '; ',
  )
}

export const showLease = async (given: string, flags: NodeFlags & WatchFlags & { output: Output }): Promise<void> => {
  const client = connect(flags)
  const leaseId = await leaseIdOf(client, given)
  if (!flags.watch) return printOne(await readLease(client, leaseId), FIELDS, flags.output)
  await watchLive<LeaseView>(
    {
      client,
      document: LEASE_FEED,
      variables: { leaseId },
      keyOf: () => leaseId,
      list: async (atLeast) => [await readLease(client, leaseId, atLeast)],
      row: (_, atLeast) => readLease(client, leaseId, atLeast),
      columns: LEASE_COLUMNS,
      fields: FIELDS,
      isOver,
    },
    flags,
  )
}

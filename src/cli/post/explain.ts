import { plainText } from '../../../domain/plain-text.ts'
import type { EndView } from '../lease/lease-view.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import { type Column, type Output, print, printOne, printRows } from '../output.ts'
import { msatToSats, showNumber } from '../quantity.ts'
import { announcementIdOf, noAnnouncement } from './cancel.ts'

type Rule = { readonly rule: string; readonly ok: boolean; readonly want: string; readonly have: string }
type Verdict = { readonly ok: boolean; readonly rules: readonly Rule[] }
type LeaseView = {
  readonly leaseId: string
  readonly side: string
  readonly stage: string
  readonly providerKey: string | null
  readonly remote: string
  readonly hourlyMsat: string
  readonly end: EndView | null
  readonly verdict: Verdict | null
}
type PostView = {
  readonly txid: string
  readonly status: string
  readonly own: boolean
  readonly count: number | null
  readonly described: boolean
  readonly height: number | null
  readonly maxHourlyMsat: string | null
  readonly record: { readonly expiryHeight: string; readonly endpoint: string } | null
  readonly verdict: Verdict | null
}

const VERDICT = 'verdict { ok rules { rule ok want have } }'
const QUERY = `query($txid: Hex!) {
  announcement(txid: $txid) {
    txid status own count described height maxHourlyMsat record { expiryHeight endpoint } ${VERDICT} }
  leases(first: 100, filter: { announcement: [$txid] }) { edges { node {
    leaseId side stage providerKey remote hourlyMsat end { code culprit why next at } ${VERDICT} } } }
  status { height roles }
}`

type Answer = {
  readonly announcement: PostView | null
  readonly leases: { readonly edges: readonly { readonly node: LeaseView }[] }
  readonly status: { readonly height: number | null; readonly roles: readonly string[] }
}

const FIELDS: readonly Column<PostView>[] = [
  ['announcement', (it) => it.txid],
  ['status', (it) => `${it.status.toLowerCase()}${it.own ? ', own' : ''}`],
  ['block', (it) => it.height ?? 'in none yet'],
  ['machines', (it) => it.count],
  ['at most', ({ maxHourlyMsat }) => maxHourlyMsat && `${showNumber(msatToSats(maxHourlyMsat))} sats an hour`],
  ['expires', ({ record }) => record && `at block ${record.expiryHeight}`],
]
const RULES: readonly Column<Rule>[] = [
  ['RULE', (it) => it.rule],
  ['SAYS', ({ ok }) => (ok ? 'yes' : 'NO')],
  ['WANTED', (it) => it.want],
  ['THERE IS', (it) => it.have],
]
const TRIES: readonly Column<LeaseView>[] = [
  ['LEASE', (it) => it.leaseId.slice(0, 12)],
  ['PROVIDER', (it) => it.providerKey?.slice(0, 16) ?? it.remote],
  ['CAME TO', (it) => it.stage.toLowerCase()],
  ['SATS/H', (it) => (it.hourlyMsat === '0' ? '' : showNumber(msatToSats(it.hourlyMsat)))],
  ['WHY', ({ end }) => end && `${end.code} (${end.culprit}): ${end.why}`],
  ['NEXT', ({ end }) => end?.next],
]
const RUNNING = new Set(['METER', 'SETTLE', 'SETTLED'])

/** What the node knows of why an announcement was taken, or was not. */
export const conclusionsOf = ({ announcement, leases, status }: Answer): string[] => {
  const tries = leases.edges.map(({ node }) => node)
  const taken = tries.filter(({ stage }) => RUNNING.has(stage)).length
  const it = announcement!
  const no = it.verdict?.rules.filter(({ ok }) => !ok).map(({ rule }) => rule) ?? []
  return [
    ...(taken > 0 ? [`It was taken: ${taken} of ${it.count ?? 1} machines ran.`] : []),
    ...(it.status === 'POSTED'
      ? ['It is in no block that this node knows: no provider can have seen it for sure.']
      : []),
    ...(it.status === 'EXPIRED' ? ['It has expired: post it again.'] : []),
    ...(it.status === 'WITHDRAWN' ? ['Its bond was taken back: nobody answers it any more.'] : []),
    ...(it.status === 'STANDING' && !it.described && !it.own
      ? ['Its publisher has not told the rest: it was not reached at its endpoint.']
      : []),
    ...(it.verdict === null
      ? status.roles.includes('provider')
        ? ['This node’s own policy has not judged it.']
        : ['This node lends nothing out: only providers know which rule of theirs says no.']
      : [it.verdict.ok ? 'This node’s own policy takes it.' : `This node’s own policy says no: ${no.join(', ')}.`]),
    ...(tries.length === 0 && it.own
      ? [
          'No provider has called: raise the most that it may cost, ask for less, or see that others reach the endpoint.',
        ]
      : []),
  ]
}

/** Why nobody took an announcement, or who did: every rule that said no, every provider that tried and how far it came. */
export const explainPost = async (given: string, flags: NodeFlags & { readonly output: Output }): Promise<void> => {
  const client = connect(flags)
  const txid = await announcementIdOf(client, given)
  const answer = await client.request<Answer>(QUERY, { txid })
  if (answer.announcement === null) throw noAnnouncement(txid)
  const tries = answer.leases.edges.map(({ node }) => node)
  const conclusions = conclusionsOf(answer)
  if (flags.output !== 'table') return printOne({ ...answer.announcement, tries, conclusions }, [], flags.output)
  printOne(answer.announcement, FIELDS, 'table')
  if (answer.announcement.verdict !== null) {
    print('\nthis node’s own policy, rule by rule')
    printRows(answer.announcement.verdict.rules, RULES, 'table')
  }
  if (tries.length > 0) {
    print('\nproviders that tried')
    printRows(tries, TRIES, 'table')
  }
  for (const { leaseId, verdict } of tries) {
    const no = verdict?.rules.filter(({ ok }) => !ok) ?? []
    if (no.length === 0) continue
    print(`\nrules that said no in ${plainText(leaseId.slice(0, 12))}`)
    printRows(no, RULES, 'table')
  }
  print('')
  for (const line of conclusions) print(plainText(line))
}

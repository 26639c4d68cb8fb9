import { connect, type NodeFlags } from '../node-options.ts'
import { type Column, type Output, printRows } from '../output.ts'
import { leaseIdOf } from './lease-view.ts'

type LoginView = {
  readonly state: string
  readonly key: string
  readonly from: string
  readonly at: string
  readonly closedAt: string | null
  readonly why: string | null
  readonly channels: Readonly<Record<string, number>>
  readonly rxBytes: string
  readonly txBytes: string
  readonly refused: number
  readonly unrecorded: number
}

const FIELDS = `state key from at closedAt why channels { shell exec sftp forward listener } rxBytes txBytes refused unrecorded`

const COLUMNS: readonly Column<LoginView>[] = [
  ['AT', (it) => it.at],
  ['STATE', (it) => (it.state === 'CLOSED' ? (it.why ?? '') : it.state).toLowerCase()],
  ['FROM', (it) => it.from],
  ['KEY', (it) => it.key],
  ['UNTIL', (it) => it.closedAt ?? ''],
  [
    'WHAT',
    (it) =>
      it.state === 'COUNTED'
        ? `${it.refused} refused, ${it.unrecorded} not written down`
        : Object.entries(it.channels)
            .filter(([, count]) => count > 0)
            .map(([kind, count]) => `${count} ${kind}`)
            .join(', '),
  ],
  ['IN', (it) => it.rxBytes],
  ['OUT', (it) => it.txBytes],
]

type LoginsFlags = NodeFlags & { readonly output: Output; readonly limit: number }

export const listLogins = async (given: string, flags: LoginsFlags): Promise<void> => {
  const client = connect(flags)
  const leaseId = await leaseIdOf(client, given)
  const { lease } = await client.request<{ lease: { logins: { edges: { node: LoginView }[] } } | null }>(
    `query($leaseId: Hex!, $first: Int!) {
      lease(leaseId: $leaseId) { logins(first: $first) { edges { node { ${FIELDS} } } } }
    }`,
    { leaseId, first: flags.limit },
  )
  printRows(lease?.logins.edges.map(({ node }) => node) ?? [], COLUMNS, flags.output)
}

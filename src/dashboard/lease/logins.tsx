import { useLive } from '../api/live.ts'
import { graphql } from '../graphql.ts'
import { At, Size, said, Words } from '../part/shown.tsx'
import { Wide } from '../part/wide.tsx'

const LOGINS = graphql(`
  query LeaseLogins($leaseId: Hex!) {
    status { position }
    lease(leaseId: $leaseId) {
      side
      logins(first: 50) {
        edges {
          node {
            id
            at
            state
            from
            key
            closedAt
            why
            rxBytes
            txBytes
            refused
            unrecorded
            channels { shell exec sftp forward listener }
          }
        }
      }
    }
  }
`)

/** Who logged in to the machine, and never what was done there: the provider’s node alone sees it. */
export const Logins = ({ leaseId }: { readonly leaseId: string }) => {
  const live = useLive(LOGINS, { leaseId }, [`lease ${leaseId}`])
  const lease = live.data.value?.lease
  if (lease == null) return null
  const rows = lease.logins.edges.map(({ node }) => node)
  return (
    <section class="card">
      <h2>Logins</h2>
      {lease.side === 'PUBLISHER' ? (
        <p class="empty">The provider’s node writes down who logs in; this one does not see it.</p>
      ) : rows.length === 0 ? (
        <p class="empty">Nobody has logged in.</p>
      ) : (
        <Wide label="Logins">
          <table>
            <thead>
              <tr>
                {['At', 'From', 'Key', 'State', 'Opened', 'In', 'Out'].map((title) => (
                  <th key={title} scope="col">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.id}>
                  <td>
                    <At of={row.at} />
                  </td>
                  <td>
                    <Words of={row.from} />
                  </td>
                  <td>
                    <code>
                      <Words of={row.key} />
                    </code>
                  </td>
                  <td>
                    {row.state === 'COUNTED'
                      ? `${row.refused} refused, ${row.unrecorded} not written down`
                      : `${said(row.state)}${row.why ? ` by ${said(row.why)}` : ''}`}
                  </td>
                  <td>
                    {Object.entries(row.channels)
                      .filter(([, count]) => Number(count) > 0)
                      .map(([kind, count]) => `${count} ${kind}`)
                      .join(', ')}
                  </td>
                  <td>
                    <Size of={row.rxBytes} />
                  </td>
                  <td>
                    <Size of={row.txBytes} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
    </section>
  )
}

import { useLiveLeases } from '../api/live-leases.ts'
import { graphql, type ResultOf } from '../graphql.ts'
import { At, Msat, Sats, Short, Size, State } from '../part/shown.tsx'
import { Told } from '../part/told.tsx'
import { Wide } from '../part/wide.tsx'

const LEASES = graphql(`
  query LentNow {
    status { position }
    leases(first: 20, filter: { side: PROVIDER, active: true }) {
      edges {
        node {
          id
          leaseId
          stage
          starved
          publisherKey
          servingSince
          hourlyMsat
          paidSats
          owedMsat
          resources { cpuMillis memoryBytes }
        }
      }
    }
  }
`)

type Lease = ResultOf<typeof LEASES>['leases']['edges'][number]['node']

/** The machines that are lent out now, with each payment as it comes. */
export const LeasesNow = () => {
  const { data, fault } = useLiveLeases(LEASES, {}, ['market'], ({ leases }) =>
    leases.edges.map(({ node }) => node.leaseId),
  )
  const leases = data?.leases.edges.map(({ node }) => node) ?? []
  return (
    <section class="card">
      <h2>Lent out now</h2>
      {fault && <Told told={fault} />}
      {leases.length === 0 ? <p class="empty">No machine is lent out now.</p> : <Rows of={leases} />}
    </section>
  )
}

const Rows = ({ of }: { readonly of: readonly Lease[] }) => (
  <Wide label="Lent out now">
    <table>
      <thead>
        <tr>
          <th scope="col">Lease</th>
          <th scope="col">State</th>
          <th scope="col">Since</th>
          <th scope="col">Machine</th>
          <th scope="col">An hour</th>
          <th scope="col">Owed</th>
          <th scope="col">In vouchers</th>
          <th scope="col">To</th>
        </tr>
      </thead>
      <tbody>
        {of.map((lease) => (
          <tr key={lease.id}>
            <td>
              <Short of={lease.leaseId} to={`/lease/${lease.leaseId}`} />
            </td>
            <td>
              <State of={lease.stage} /> {lease.starved && <span class="state warn">unpaid, stands still</span>}
            </td>
            <td>
              <At of={lease.servingSince} />
            </td>
            <td>
              {lease.resources === null ? (
                '–'
              ) : (
                <>
                  {lease.resources.cpuMillis / 1_000} cores, <Size of={lease.resources.memoryBytes} />
                </>
              )}
            </td>
            <td>
              <Msat of={lease.hourlyMsat} />
            </td>
            <td>
              <Msat of={lease.owedMsat} />
            </td>
            <td>
              <Sats of={lease.paidSats} />
            </td>
            <td>
              <Short of={lease.publisherKey} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </Wide>
)

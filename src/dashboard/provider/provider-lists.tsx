import { At, Msat, Sats, Short, State } from '../part/shown.tsx'
import { Wide } from '../part/wide.tsx'

type Offer = {
  readonly id: string
  readonly leaseId: string
  readonly announcementTxid: string
  readonly hourlyMsat: string
  readonly status: string
  readonly at: string
}

export const ProviderOffers = ({ of }: { readonly of: readonly Offer[] }) => (
  <section class="card">
    <h2>Its newest offers</h2>
    <Wide label="Its newest offers">
      <table>
        <thead>
          <tr>
            <th scope="col">At</th>
            <th scope="col">For</th>
            <th scope="col">An hour</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {of.map((offer) => (
            <tr key={offer.id}>
              <td>
                <At of={offer.at} />
              </td>
              <td>
                <Short of={offer.announcementTxid} to={`/announcement/${offer.announcementTxid}`} />
              </td>
              <td>
                <Msat of={offer.hourlyMsat} />
              </td>
              <td>
                <State of={offer.status} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  </section>
)

type Lease = {
  readonly id: string
  readonly leaseId: string
  readonly stage: string
  readonly soughtAt: string
  readonly paidSats: string
  readonly end: { readonly code: string; readonly culprit: string } | null
}

export const ProviderLeases = ({ of }: { readonly of: readonly Lease[] }) => (
  <section class="card">
    <h2>Its newest leases</h2>
    {of.length === 0 ? (
      <p class="empty">No lease came of an offer yet.</p>
    ) : (
      <Wide label="Its newest leases">
        <table>
          <thead>
            <tr>
              <th scope="col">Begun</th>
              <th scope="col">Lease</th>
              <th scope="col">State</th>
              <th scope="col">Paid</th>
              <th scope="col">End</th>
            </tr>
          </thead>
          <tbody>
            {of.map((lease) => (
              <tr key={lease.id}>
                <td>
                  <At of={lease.soughtAt} />
                </td>
                <td>
                  <Short of={lease.leaseId} to={`/lease/${lease.leaseId}`} />
                </td>
                <td>
                  <State of={lease.stage} />
                </td>
                <td>
                  <Sats of={lease.paidSats} />
                </td>
                <td>{lease.end === null ? '–' : `${lease.end.code}, by ${lease.end.culprit}`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    )}
  </section>
)

import { useLive } from '../api/live.ts'
import { graphql } from '../graphql.ts'
import { afterOf, Older } from '../part/older.tsx'
import { Screen } from '../part/screen.tsx'
import { Sats, Short, State } from '../part/shown.tsx'
import { Table } from '../part/table.tsx'
import { Tabs } from './tabs.tsx'
import './wallet.css'

const CHANNELS = graphql(`
  query OwnChannels($after: String) {
    status { position height }
    channels(first: 50, after: $after) {
      edges {
        node { id leaseId leg state capacitySats paidSats expiryHeight fundingTxid spendTxid }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

const HEAD = ['State', 'Capacity', 'Paid', 'Expires', 'Lease', 'Funded by', 'Ended by']

/** What is locked in channels, what of it was paid, and when the rest can be taken back. */
export const Channels = () => {
  const after = afterOf()
  const live = useLive(CHANNELS, after === undefined ? {} : { after }, ['wallet', 'chain', 'market'])
  return (
    <Screen title="Channels" cli={['zennet lease ls', 'zennet lease receipt LEASE']} live={live} actions={<Tabs />}>
      {({ channels, status }) => (
        <section class="card">
          <p>
            A lease is paid by a channel: its capacity is the most that the lease can cost. At its expiry the publisher
            may take back what the provider has not claimed.
          </p>
          <Table
            label="Channels"
            head={HEAD}
            rows={channels.edges.map(({ node }) => node)}
            keyOf={({ id }) => id}
            empty={
              <>
                There is no channel. One is made for each lease: see the <a href="/market">market</a>.
              </>
            }
          >
            {(one) => [
              <State of={one.state} />,
              <Sats of={one.capacitySats} />,
              <Sats of={one.paidSats} />,
              <span class="figure">{expiry(one.expiryHeight, one.state, status.height)}</span>,
              <span>
                <Short of={one.leaseId} to={`/lease/${one.leaseId}`} /> {one.leg > 0 && `top-up ${one.leg}`}
              </span>,
              <Short of={one.fundingTxid} {...linked(one.fundingTxid)} />,
              <Short of={one.spendTxid} {...linked(one.spendTxid)} />,
            ]}
          </Table>
          <Older page={channels.pageInfo} />
        </section>
      )}
    </Screen>
  )
}

const linked = (txid: string | null) => (txid === null ? {} : { to: `/transaction/${txid}` })

const expiry = (height: number, state: string, now: number | null): string => {
  if (now === null || state === 'CLOSED' || state === 'REFUNDED') return `at block ${height}`
  return height > now ? `in ${height - now} blocks` : `${now - height} blocks ago`
}

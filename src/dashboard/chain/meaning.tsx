import { BOND_VOUT } from '../../../domain/announcement/record.ts'
import { useLive } from '../api/live.ts'
import { graphql } from '../graphql.ts'
import { Sats, Short, State, Words } from '../part/shown.tsx'

const MEANING = graphql(`
  query TransactionMeaning($txid: Hex!, $of: [Hex!]!, $bond: Hex!) {
    status { position }
    announcement(txid: $txid) { txid label status own bondSats }
    withdrawn: announcement(txid: $bond) { txid label status own bondSats }
    funded: channels(first: 10, filter: { funding: $of }) {
      edges { node { id leaseId state capacitySats } }
    }
    ended: channels(first: 10, filter: { spend: $of }) {
      edges { node { id leaseId state capacitySats paidSats } }
    }
  }
`)

type Spent = { readonly txid: string; readonly vout: number }

/**
 * What a transaction is in the market: an announcement or its withdrawal, a channel's funding, close or refund. Nothing is shown of one
 * that is none of it, as far as this node knows. A withdrawal spends the bond first.
 */
export const Meaning = ({ txid, spends }: { readonly txid: string; readonly spends: readonly Spent[] }) => {
  const [first] = spends
  const bond = first?.vout === BOND_VOUT ? first.txid : txid
  const data = useLive(MEANING, { txid, of: [txid], bond }, ['chain', 'market']).data.value
  if (data === undefined) return null
  const { announcement, funded, ended } = data
  const withdrawn = bond === txid ? null : data.withdrawn
  if (announcement === null && withdrawn === null && funded.edges.length + ended.edges.length === 0) return null
  return (
    <section class="card">
      <h2>In the market</h2>
      {announcement && (
        <p>
          It is an announcement, <Announced of={announcement} />, with a bond of <Sats of={announcement.bondSats} />.
        </p>
      )}
      {withdrawn && (
        <p>
          It takes the bond of an announcement back: <Announced of={withdrawn} />.
        </p>
      )}
      {funded.edges.map(({ node }) => (
        <p key={node.id}>
          It funds a channel with <Sats of={node.capacitySats} />, for lease <Lease of={node.leaseId} />, which is now{' '}
          <State of={node.state} />.
        </p>
      ))}
      {ended.edges.map(({ node }) => (
        <p key={node.id}>
          It {node.state.startsWith('REFUND') ? 'takes back what was not claimed' : 'closes the channel'} of lease{' '}
          <Lease of={node.leaseId} />: <Sats of={node.paidSats} /> of <Sats of={node.capacitySats} /> were paid to the
          provider.
        </p>
      ))}
    </section>
  )
}

const Lease = ({ of }: { readonly of: string }) => <Short of={of} to={`/lease/${of}`} />

type Announcement = {
  readonly txid: string
  readonly label: string | null
  readonly status: string
  readonly own: boolean
}

const Announced = ({ of }: { readonly of: Announcement }) => (
  <>
    <a href={`/announcement/${of.txid}`}>
      <Words of={of.label || 'without a label'} />
    </a>{' '}
    {of.own && 'of this node '}
    <State of={of.status} />
  </>
)

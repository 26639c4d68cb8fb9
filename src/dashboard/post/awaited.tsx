import { useEffect } from 'preact/hooks'
import { useLiveLeases } from '../api/live-leases.ts'
import { graphql, type ResultOf } from '../graphql.ts'
import { Short, State, said, Words } from '../part/shown.tsx'
import { Told } from '../part/told.tsx'
import { replace } from '../route.ts'

const AWAITED = graphql(`
  query Awaited($txid: Hex!, $of: [Hex!]!) {
    status { position }
    announcement(txid: $txid) { id txid status height count label }
    leases(first: 20, filter: { announcement: $of, side: PUBLISHER }) {
      edges { node { id leaseId stage starved tick servingSince agreedAt providerKey end { code culprit why } } }
    }
  }
`)

type Lease = ResultOf<typeof AWAITED>['leases']['edges'][number]['node']
type Given = { readonly txid: string; readonly again: () => void }

/** From the announcement to the machine, step by step; with one machine it goes on to the lease's page by itself. */
export const Awaited = ({ txid, again }: Given) => {
  const { data: found, fault } = useLiveLeases(AWAITED, { txid, of: [txid] }, ['market'], ({ leases }) =>
    leases.edges.map(({ node }) => node.leaseId),
  )
  const leases = found?.leases.edges.map(({ node }) => node) ?? []
  const ready = leases.find(({ servingSince, stage }) => servingSince !== null && stage === 'METER')
  const isOne = (found?.announcement?.count ?? 1) === 1
  // In the place of this page: the way back would else lead here, and on again at once.
  useEffect(() => {
    if (ready !== undefined && isOne) replace(`/lease/${ready.leaseId}`)
  }, [ready?.leaseId, isOne])
  if (fault) return <Told told={fault} />
  const announcement = found?.announcement
  const isAgreed = leases.some(({ agreedAt }) => agreedAt !== null)
  const isOver = announcement != null && announcement.status !== 'STANDING' && !isAgreed
  return (
    <section class="card narrow" aria-live="polite">
      <h2>
        <Words of={announcement?.label || 'Your announcement'} />
      </h2>
      <ol class="steps">
        <Step isDone={announcement != null}>
          On the chain: <Short of={txid} to={`/announcement/${txid}`} />
        </Step>
        <Step isDone={leases.length > 0}>A provider has read it and calls</Step>
        <Step isDone={isAgreed}>Both signed the same terms</Step>
        <Step isDone={ready !== undefined}>The machine runs, and money flows</Step>
      </ol>
      {leases.length > 0 && <Leases of={leases} />}
      {isOver && (
        <div class="note">
          <p>Nobody agreed, and the announcement does not stand any more. Its bond comes back.</p>
          <p>
            <a href={`/announcement/${txid}`}>See who did not bid and which rule said no</a>, or change your wish.
          </p>
        </div>
      )}
      <button type="button" class="quiet" onClick={again}>
        Announce something else
      </button>
    </section>
  )
}

const Step = ({ isDone, children }: { readonly isDone: boolean; readonly children: preact.ComponentChildren }) => (
  <li>
    <span aria-hidden="true">{isDone ? '✓' : '…'}</span> {children}
    <span class="unseen">{isDone ? ': done' : ': waiting'}</span>
  </li>
)

const Leases = ({ of }: { readonly of: readonly Lease[] }) => (
  <ul class="plain">
    {of.map((lease) => (
      <li key={lease.id}>
        <Short of={lease.leaseId} to={`/lease/${lease.leaseId}`} /> <State of={lease.stage} />{' '}
        {lease.end && (
          <>
            {lease.end.code}, {said(lease.end.culprit)}: <Words of={lease.end.why} />
          </>
        )}
      </li>
    ))}
  </ul>
)

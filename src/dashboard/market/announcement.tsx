import { ask, doneOf } from '../api/ask.ts'
import { useLive } from '../api/live.ts'
import { graphql, type ResultOf } from '../graphql.ts'
import { Action } from '../part/action.tsx'
import { Screen } from '../part/screen.tsx'
import { At, Msat, Sats, Short, Size, State, said, Time, Words } from '../part/shown.tsx'
import { Told } from '../part/told.tsx'
import { Verdict } from '../part/verdict.tsx'
import { ANNOUNCEMENT } from './announcement-document.ts'
import { Answers } from './answers.tsx'

const WITHDRAW = graphql(`
  mutation Withdraw($input: WithdrawAnnouncementInput!) {
    withdrawAnnouncement(input: $input) {
      __typename
      ... on AnnouncementWithdrawn { txid position }
      ... on Problem { code message culprit next }
    }
  }
`)

type Found = ResultOf<typeof ANNOUNCEMENT>
type Wanted = NonNullable<Found['announcement']>
type Offer = Found['offers']['edges'][number]['node']

/** One wish: what is wanted, who offered what, and what this node’s own policy says of it. */
export const Announcement = ({ txid = '' }: Readonly<Record<string, string>>) => {
  const live = useLive(ANNOUNCEMENT, { txid, of: [txid] }, ['market'])
  return (
    <Screen
      title="Announcement"
      cli={[`zennet post explain ${txid}`, 'zennet market ls']}
      live={live}
      actions={live.data.value?.announcement && <Withdraw of={live.data.value.announcement} />}
    >
      {({ announcement, offers }) =>
        announcement === null ? (
          <Told
            told={{
              code: 'announcement.unknown',
              message: 'This node does not know that announcement.',
              culprit: 'you',
              next: 'Look for it in the market; a node that has just begun may not have read all of the chain yet.',
            }}
          />
        ) : (
          <>
            <Wish of={announcement} />
            <Offers of={offers.edges.map(({ node }) => node)} />
            {announcement.answers && <Answers of={announcement.answers} />}
            {announcement.verdict && (
              <section class="card">
                <h2>What this node’s own policy said of it</h2>
                <Verdict rules={announcement.verdict.rules} />
              </section>
            )}
            {announcement.verdictNow && (
              <section class="card">
                <h2>What it would say now, with what is free</h2>
                <Verdict rules={announcement.verdictNow.rules} />
              </section>
            )}
          </>
        )
      }
    </Screen>
  )
}

const Withdraw = ({ of }: { readonly of: Wanted }) =>
  of.own && of.status === 'STANDING' ? (
    <Action
      label="Withdraw"
      isBad
      sure={<p>Nothing more is rented for it, and its bond comes back. Leases that run go on.</p>}
      run={async () =>
        doneOf(
          (await ask(WITHDRAW, { input: { txid: of.txid, idempotencyKey: `withdraw-${of.txid}` } }))
            .withdrawAnnouncement,
        )
      }
    />
  ) : null

const Wish = ({ of }: { readonly of: Wanted }) => (
  <section class="card">
    <h2>
      <Words of={of.label || 'Wanted'} /> <State of={of.status} />
    </h2>
    <dl class="facts">
      <dt>Machines</dt>
      <dd>
        {of.count ?? '?'} × <Words of={of.image ?? 'not told yet'} />
      </dd>
      <dt>Each with</dt>
      <dd>
        {of.resources === null ? (
          'not told yet'
        ) : (
          <>
            {of.resources.cpuMillis / 1_000} cores, <Size of={of.resources.memoryBytes} /> memory,{' '}
            <Size of={of.resources.diskBytes} /> disk, {of.resources.pids} processes
          </>
        )}
      </dd>
      <dt>Isolation</dt>
      <dd>{said(of.isolation ?? '–')}</dd>
      <dt>Network</dt>
      <dd>{said(of.network ?? '–')}</dd>
      <dt>At most an hour</dt>
      <dd>
        <Msat of={of.maxHourlyMsat} />
      </dd>
      <dt>For at most</dt>
      <dd>
        <Time of={of.maxDurationS} />
      </dd>
      <dt>Bond</dt>
      <dd>
        <Sats of={of.bondSats} />
      </dd>
      <dt>By</dt>
      <dd>
        <Short of={of.author} /> {of.own && '(this node)'}
      </dd>
      <dt>Seen</dt>
      <dd>
        <At of={of.firstAt} /> {of.height !== null && `in block ${of.height}`}
      </dd>
      <dt>Transaction</dt>
      <dd>
        <a href={`/transaction/${of.txid}`}>
          <code>{of.txid}</code>
        </a>
      </dd>
    </dl>
  </section>
)

const Offers = ({ of }: { readonly of: readonly Offer[] }) => (
  <section class="card">
    <h2>Offers</h2>
    {of.length === 0 ? (
      <p class="empty">Nobody has offered anything to this node.</p>
    ) : (
      <div class="wide">
        <table>
          <thead>
            <tr>
              <th>Provider</th>
              <th>An hour</th>
              <th>Countered</th>
              <th>State</th>
              <th>Hardware</th>
              <th>At</th>
              <th>Lease</th>
            </tr>
          </thead>
          <tbody>
            {of.map((offer) => (
              <tr key={offer.id}>
                <td>
                  <Short of={offer.providerKey} to={`/provider/${offer.providerKey}`} />
                </td>
                <td>
                  <Msat of={offer.hourlyMsat} />
                </td>
                <td>
                  <Msat of={offer.counterHourlyMsat} />
                </td>
                <td>
                  <State of={offer.status} />
                </td>
                <td>
                  {offer.hardware.cores} × <Words of={offer.hardware.cpuModel} />
                </td>
                <td>
                  <At of={offer.at} />
                </td>
                <td>
                  <Short of={offer.leaseId} to={`/lease/${offer.leaseId}`} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    )}
  </section>
)

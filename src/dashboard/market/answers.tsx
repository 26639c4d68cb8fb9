import type { ResultOf } from '../graphql.ts'
import { Candidate } from '../part/candidate.tsx'
import { Exclusions } from '../part/exclusions.tsx'
import { Relaxation } from '../part/relaxation.tsx'
import { Short, State, Words } from '../part/shown.tsx'
import { Verdict } from '../part/verdict.tsx'
import type { ANNOUNCEMENT } from './announcement-document.ts'

type Given = NonNullable<NonNullable<ResultOf<typeof ANNOUNCEMENT>['announcement']>['answers']>
type Bid = Given['bids'][number]

/** Why an own announcement has found nobody, or so few: who came and what became of it, and who did not, rule by rule. */
export const Answers = ({ of }: { readonly of: Given }) => (
  <section class="card">
    <h2>Who came, who did not, and why</h2>
    {of.bids.length === 0 ? (
      <p>Nobody has come for it so far.</p>
    ) : (
      <ul class="plain">
        {of.bids.map((bid) => (
          <BidLine key={bid.lease.id} of={bid} />
        ))}
      </ul>
    )}
    {of.silent.length === 0 ? (
      of.bids.length === 0 && (
        <p class="empty">
          This node has met no provider in the last seven days that stayed away: it cannot say who would have come.{' '}
          <a href="/prices">See what machines cost</a>.
        </p>
      )
    ) : (
      <>
        <h3>Providers that did not come, by what is known of them</h3>
        <Relaxation of={of.relaxation}>
          <a href="/post">Announce it so</a>
        </Relaxation>
        <Exclusions of={of.exclusions} whom="of them" />
        {of.silent.map((one) => (
          <Candidate key={one.provider.id} of={one} />
        ))}
      </>
    )}
  </section>
)

const OUTCOMES = { OPEN: 'not decided yet', AGREED: 'both signed', REFUSED: 'no lease came of it' } as const

const BidLine = ({ of: { lease, outcome, rules } }: { readonly of: Bid }) => (
  <li>
    <details>
      <summary>
        {lease.providerKey === null ? 'Somebody' : <Short of={lease.providerKey} />}: {OUTCOMES[outcome]}{' '}
        <State of={lease.stage} />
        {lease.end && <span class="faint"> {lease.end.code}</span>}
      </summary>
      {lease.end && (
        <p>
          <Words of={lease.end.why} /> <span class="faint">By {lease.end.culprit}.</span> {lease.end.next}
        </p>
      )}
      {rules.length > 0 && <Verdict rules={rules} />}
      <p>
        <a href={`/lease/${lease.leaseId}`}>The lease</a>
      </p>
    </details>
  </li>
)

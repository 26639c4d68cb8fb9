import { plainText } from '../../../domain/plain-text.ts'
import { At, State, said, Time, Words } from '../part/shown.tsx'
import { Told } from '../part/told.tsx'
import { Verdict } from '../part/verdict.tsx'
import type { LeaseRow } from './query.ts'

/** Ends that were asked for: nobody is to blame. */
const WISHED = ['stopped-by-publisher', 'stopped-by-provider', 'duration-reached']

/** Where it is, what was said of its end, and why it stands still. */
export const StateOf = ({ of }: { readonly of: LeaseRow }) => (
  <>
    <section class="card">
      <h2>
        State <State of={of.stage} />
      </h2>
      {of.starved && (
        <p class="note">
          The newest tick is unpaid: the machine stands still until there is a voucher. Check the publisher’s node.
        </p>
      )}
      {of.pauses.map((pause) => (
        <p class="note" key={pause.code}>
          It stands still (<code>{pause.code}</code>, by the {said(pause.by)}) since <At of={pause.since} />.{' '}
          {pause.next}
        </p>
      ))}
      {of.notices
        .filter(() => of.end === null)
        .map((notice) => (
          <p key={notice.by} class={notice.withdrawn ? 'faint' : 'note'}>
            The {said(notice.by)} said at <At of={notice.at} /> that it ends{' '}
            {notice.endsAt === null ? 'now' : <At of={notice.endsAt} />} (<code>{notice.code}</code>)
            {notice.withdrawn ? ', and took that back.' : '.'}
          </p>
        ))}
      <dl class="facts">
        <dt>Began</dt>
        <dd>
          <At of={of.soughtAt} />
        </dd>
        <dt>Agreed</dt>
        <dd>
          <At of={of.agreedAt} />
        </dd>
        <dt>Serves since</dt>
        <dd>
          <At of={of.servingSince} />
          {of.tickMs !== null && (
            <>
              , tick <span class="figure">{of.tick}</span> of <Time of={of.tickMs / 1_000} />
            </>
          )}
        </dd>
        {of.dataUntil !== null && (
          <>
            <dt>Data kept until</dt>
            <dd>
              <At of={of.dataUntil} />: fetch it with scp, sftp or <code>zennet lease fetch</code>
            </dd>
          </>
        )}
        <dt>Machine and data</dt>
        <dd>{of.released ? 'gone' : of.servingSince === null ? 'not there yet' : 'there'}</dd>
        {of.forgotten && (
          <>
            <dt>Personal fields</dt>
            <dd>forgotten for good</dd>
          </>
        )}
      </dl>
    </section>
    {of.end !== null &&
      (WISHED.includes(of.end.code) ? (
        <section class="card">
          <h2>Ended as it was wished</h2>
          <p>
            <code>{of.end.code}</code> at <At of={of.end.at} />: <Words of={of.end.why} />
          </p>
          <p>{of.end.next}</p>
        </section>
      ) : (
        <Told told={{ ...of.end, message: `It is over: ${plainText(of.end.why)}` }} />
      ))}
    {of.verdict !== null && !of.verdict.ok && (
      <section class="card">
        <h2>What the policy says</h2>
        <Verdict rules={of.verdict.rules} />
      </section>
    )}
  </>
)

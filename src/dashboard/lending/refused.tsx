import { At, Msat, Short, State, Words } from '../part/shown.tsx'
import { type Rule, Verdict } from '../part/verdict.tsx'

type Refusal = {
  readonly id: string
  readonly txid: string
  readonly label: string | null
  readonly image: string | null
  readonly firstAt: string
  readonly status: string
  readonly maxHourlyMsat: string | null
  readonly verdict: { readonly rules: readonly Rule[] } | null
}

/** What was wanted and not served, and which rule said no. */
export const Refused = ({ of }: { readonly of: readonly Refusal[] }) => (
  <section class="card">
    <h2>The newest announcements that this node’s rules refused</h2>
    {of.length === 0 ? (
      <p class="empty">None so far: every announcement that it has judged would be served.</p>
    ) : (
      of.map(({ id, txid, label, image, firstAt, status, maxHourlyMsat, verdict }) => (
        <details key={id}>
          <summary>
            <At of={firstAt} /> <Words of={label || image || 'a machine'} /> <State of={status} />{' '}
            <span class="faint">
              {verdict?.rules
                .filter(({ ok }) => !ok)
                .map(({ rule }) => rule)
                .join(', ')}
            </span>
          </summary>
          <p>
            <Short of={txid} to={`/announcement/${txid}`} />, at most <Msat of={maxHourlyMsat} /> an hour
          </p>
          {verdict && <Verdict rules={verdict.rules} />}
        </details>
      ))
    )}
  </section>
)

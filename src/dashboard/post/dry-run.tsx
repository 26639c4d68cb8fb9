import { showNumber, showSize } from '../../../domain/shown.ts'
import { At, Msat, Short, said, Words } from '../part/shown.tsx'
import { Verdict } from '../part/verdict.tsx'
import type { DryRun as Run } from './try.ts'

type Given = { readonly run: Run; readonly ease: (changes: Change[]) => void }
export type Change = { readonly field: string; readonly to: string }
type Candidate = Run['candidates'][number]

/** Who would take it now and who would not, rule by rule, and what is the least that would win one more. */
export const DryRun = ({ run, ease }: Given) => (
  <section class="card" aria-live="polite">
    <h2>Who would answer now</h2>
    {run.candidates.length === 0 ? (
      <p class="empty">
        This node has met no provider in the last seven days, so it cannot say. Post it and see: whoever follows the
        chain reads it.
      </p>
    ) : (
      <>
        <p>
          <strong>{run.would} would</strong>, {run.may} may, {run.wouldNot} would not, of the providers that made this
          node an offer in the last seven days. What they have free now, they alone know.
        </p>
        <Relaxation of={run.relaxation} ease={ease} />
        {run.exclusions.length > 0 && (
          <ul>
            {run.exclusions.map(({ rule, excludes, alone }) => (
              <li key={rule}>
                <strong>{rule}</strong> keeps {excludes} away{alone > 0 && `, ${alone} of them alone`}
              </li>
            ))}
          </ul>
        )}
        {run.candidates.map((one) => (
          <Answer key={one.provider.id} of={one} />
        ))}
      </>
    )}
  </section>
)

const TONES = { WOULD: 'good', MAY: 'warn', WOULD_NOT: 'bad' } as const

const Answer = ({ of }: { readonly of: Candidate }) => (
  <details>
    <summary>
      <span class={`state ${TONES[of.answer]}`}>{said(of.answer)}</span> <Short of={of.provider.key} /> for{' '}
      <Msat of={of.hourlyMsat} /> an hour
      {of.answer !== 'WOULD' && (
        <span class="faint">
          {' '}
          ·{' '}
          {of.rules
            .filter(({ ok }) => !ok)
            .map(({ rule }) => rule)
            .join(', ')}
        </span>
      )}
    </summary>
    <p>
      <a href={`/provider/${of.provider.key}`}>Provider</a> with {of.provider.hardware.cores} ×{' '}
      <Words of={of.provider.hardware.cpuModel} />, last offer <At of={of.provider.lastAt} />; the whole for{' '}
      <Msat of={of.wholeMsat} />.
    </p>
    <Verdict rules={of.rules} />
    {of.rules.some(({ told, ok }) => !told && !ok) && (
      <p class="faint">A no of what it has not offered so far may be a yes.</p>
    )}
  </details>
)

const Relaxation = ({ of, ease }: { readonly of: Run['relaxation']; readonly ease: Given['ease'] }) =>
  of === null ? null : (
    <div class="note">
      <p>
        The least that wins {of.gains === 1 ? 'one more' : `${of.gains} more`}:{' '}
        {of.changes.map(({ field, from, to }, i) => (
          <span key={field}>
            {i > 0 && ', '}
            {FIELDS[field] ?? field} from {shown(field, from)} to <strong>{shown(field, to)}</strong>
          </span>
        ))}
        . Then an hour costs <Msat of={of.hourlyMsat} />.
      </p>
      <button type="button" class="quiet" onClick={() => ease([...of.changes])}>
        Change it so
      </button>
    </div>
  )

const FIELDS: Readonly<Record<string, string>> = {
  cpuMillis: 'cores',
  memoryBytes: 'memory',
  maxHourlySats: 'the price',
  isolation: 'isolation',
}

const shown = (field: string, value: string): string => {
  if (field === 'cpuMillis') return String(Number(value) / 1_000)
  if (field === 'memoryBytes') return showSize(value)
  return field === 'maxHourlySats' ? `${showNumber(value)} sats an hour` : value
}

import { Candidate } from '../part/candidate.tsx'
import { Exclusions } from '../part/exclusions.tsx'
import { Relaxation } from '../part/relaxation.tsx'
import type { DryRun as Run } from './try.ts'

type Given = { readonly run: Run; readonly ease: (changes: Change[]) => void }
export type Change = { readonly field: string; readonly to: string }

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
        <Relaxation of={run.relaxation}>
          <button type="button" class="quiet" onClick={() => ease([...(run.relaxation?.changes ?? [])])}>
            Change it so
          </button>
        </Relaxation>
        <Exclusions of={run.exclusions} whom="providers" />
        {run.candidates.map((one) => (
          <Candidate key={one.provider.id} of={one} />
        ))}
      </>
    )}
  </section>
)

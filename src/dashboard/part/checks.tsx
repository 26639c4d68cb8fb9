import type { Check } from '../../../domain/lease/check.ts'
import { Words } from './shown.tsx'

const ANSWERS = { ok: '✓ yes', wrong: '✗ no', absent: '– not known' } as const
const TONES = { ok: 'yes', wrong: 'no', absent: 'faint' } as const

/** What was checked, and what came of it. */
export const Checks = ({ of, label }: { readonly of: readonly Check[]; readonly label: string }) => (
  <ul class="verdict checks" aria-label={label}>
    {of.map(({ check, answer, said }) => (
      <li key={check} data-answer={answer}>
        <span class={TONES[answer]}>{ANSWERS[answer]}</span>
        <span>
          <strong>{check}</strong>: <Words of={said} />
        </span>
      </li>
    ))}
  </ul>
)

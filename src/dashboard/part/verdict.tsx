import { Words } from './shown.tsx'

export type Rule = { readonly rule: string; readonly ok: boolean; readonly want: string; readonly have: string }

/** What a policy says of a wish, rule by rule: who reads it sees which rule said no, and by how much. */
export const Verdict = ({ rules }: { readonly rules: readonly Rule[] }) => (
  <ul class="verdict">
    {rules.map(({ rule, ok, want, have }) => (
      <li key={rule}>
        <span class={ok ? 'yes' : 'no'}>{ok ? '✓ yes' : '✗ no'}</span>
        <span>
          <strong>{rule}</strong>: wanted <Words of={want} />, there is <Words of={have} />
        </span>
      </li>
    ))}
  </ul>
)

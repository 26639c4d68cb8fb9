import { At, Msat, Short, said, Words } from './shown.tsx'
import { type Rule, Verdict } from './verdict.tsx'

export type CandidateShown = {
  readonly answer: keyof typeof TONES
  readonly hourlyMsat: string
  readonly wholeMsat: string
  readonly provider: {
    readonly id: string
    readonly key: string
    readonly lastAt: string
    readonly hardware: { readonly cpuModel: string; readonly cores: number }
  }
  readonly rules: readonly (Rule & { readonly told: boolean })[]
}

const TONES = { WOULD: 'good', MAY: 'warn', WOULD_NOT: 'bad' } as const

/** How a provider is expected to answer, rule by rule. */
export const Candidate = ({ of }: { readonly of: CandidateShown }) => (
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

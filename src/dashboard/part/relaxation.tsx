import type { ComponentChildren } from 'preact'
import { showNumber, showSize } from '../../../domain/shown.ts'
import { Msat } from './shown.tsx'

type Given = {
  readonly of: {
    readonly gains: number
    readonly hourlyMsat: string
    readonly changes: readonly { readonly field: string; readonly from: string; readonly to: string }[]
  } | null
  /** What can be done about it. */
  readonly children: ComponentChildren
}

/** The least that would win a provider more. */
export const Relaxation = ({ of, children }: Given) =>
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
      {children}
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

import { useMemo } from 'preact/hooks'
import { showNumber } from '../../../../domain/shown.ts'
import { type Line, Plot } from '../../part/plot.tsx'
import type { Entry } from '../entry.ts'
import { type Reading, readingsOf } from './series.ts'
import './usage-plots.css'

type Given = { readonly entries: readonly Entry[]; readonly at: number; readonly isProvider: boolean }

/** Small values have decimals that say something, large ones do not. */
const shown = (value: number): string =>
  value < 100 ? value.toFixed(3).replace(/\.?0+$/, '') : showNumber(Math.round(value))

const when = (seconds: number): string => new Date(seconds * 1_000).toLocaleTimeString()

const lineOf = (
  label: string,
  tone: Line['tone'],
  readings: readonly Reading[],
  of: (one: Reading) => number | null,
): Line => ({ label, tone, values: readings.map(of) })

/** What was used and what it cost, over time: as plots, and as tables. */
export const UsagePlots = ({ entries, at, isProvider }: Given) => {
  const readings = useMemo(() => readingsOf(entries, at), [entries, at])
  if (readings.length === 0)
    return <p class="empty">Nothing was metered yet. The first tick comes when machine and money are there.</p>
  const across = { label: 'At', values: readings.map((one) => one.at), isTime: true, show: when }
  return (
    <div class="plots">
      <Plot
        label="CPU, cores in use"
        across={across}
        show={shown}
        lines={[lineOf('cores', 'accent', readings, ({ cores }) => cores)]}
      />
      <Plot
        label="Memory, MiB"
        across={across}
        show={shown}
        lines={[lineOf('memory', 'accent', readings, ({ memoryMiB }) => memoryMiB)]}
      />
      <Plot
        label="Traffic, MiB a second"
        across={across}
        show={shown}
        lines={[
          lineOf('network', 'accent', readings, ({ netMiB }) => netMiB),
          lineOf('disk', 'warn', readings, ({ diskMiB }) => diskMiB),
        ]}
      />
      <Plot
        label="Money, sats"
        across={across}
        show={shown}
        lines={[
          lineOf(isProvider ? 'earned' : 'owed', 'accent', readings, ({ owedSats }) => owedSats),
          lineOf('vouchers', 'warn', readings, ({ paidSats }) => paidSats),
        ]}
      />
    </div>
  )
}

import { useMemo } from 'preact/hooks'
import { showNumber } from '../../../../domain/shown.ts'
import { At } from '../../part/shown.tsx'
import { Wide } from '../../part/wide.tsx'
import type { Entry } from '../entry.ts'
import { Plot } from './plot.tsx'
import { readingsOf } from './series.ts'

type Given = { readonly entries: readonly Entry[]; readonly at: number; readonly isProvider: boolean }

/** Rows of the table: the newest, and others evenly before them. */
const ROWS = 40

/** What was used and what it cost, over time: as plots, and as a table. */
export const UsagePlots = ({ entries, at, isProvider }: Given) => {
  const readings = useMemo(() => readingsOf(entries, at), [entries, at])
  const series = useMemo(
    () => ({
      at: readings.map((one) => one.at),
      cores: [{ name: 'cores', values: readings.map((one) => one.cores) }],
      memory: [{ name: 'memory', values: readings.map((one) => one.memoryMiB) }],
      traffic: [
        { name: 'network', values: readings.map((one) => one.netMiB) },
        { name: 'disk', values: readings.map((one) => one.diskMiB), isDashed: true },
      ],
      money: [
        { name: isProvider ? 'earned' : 'owed', values: readings.map((one) => one.owedSats) },
        { name: 'vouchers', values: readings.map((one) => one.paidSats), isDashed: true },
      ],
    }),
    [readings, isProvider],
  )
  if (readings.length === 0)
    return <p class="empty">Nothing was metered yet. The first tick comes when machine and money are there.</p>
  const every = Math.max(1, Math.ceil(readings.length / ROWS))
  const rows = readings.filter((_, i) => (readings.length - 1 - i) % every === 0).toReversed()
  return (
    <>
      <div class="plots">
        <Plot title="Cores in use" at={series.at} series={series.cores} />
        <Plot title="Memory, MiB" at={series.at} series={series.memory} />
        <Plot title="Traffic, MiB a second:" at={series.at} series={series.traffic} />
        <Plot title="Sats:" at={series.at} series={series.money} />
      </div>
      <details>
        <summary>The same as a table</summary>
        <Wide label="Usage over time">
          <table aria-label="Usage over time">
            <thead>
              <tr>
                {[
                  'Tick',
                  'At',
                  'Cores',
                  'Memory, MiB',
                  'Network, MiB/s',
                  'Disk, MiB/s',
                  'Owed, sats',
                  'Vouchers, sats',
                ].map((title) => (
                  <th key={title} scope="col">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.tick}>
                  <td class="figure">{row.tick}</td>
                  <td>
                    <At of={new Date(row.at * 1_000).toISOString()} />
                  </td>
                  {[row.cores, row.memoryMiB, row.netMiB, row.diskMiB].map((value, i) => (
                    <td key={i} class="figure">
                      {value === null ? '–' : value.toFixed(2)}
                    </td>
                  ))}
                  <td class="figure">{row.owedSats.toFixed(3)}</td>
                  <td class="figure">{showNumber(row.paidSats)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      </details>
    </>
  )
}

import { Plot } from '../part/plot.tsx'
import { Time } from '../part/shown.tsx'
import { Wide } from '../part/wide.tsx'

type Span = {
  readonly lentShare: number
  readonly spanS: number
  readonly served: {
    readonly leases: number
    readonly broken: number
    readonly servedS: number
    readonly fullShare: number | null
  }
}
type Given = {
  readonly of: { readonly week: Span; readonly month: Span; readonly hoursOfWeek: readonly (number | null)[] }
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
const showHour = (hour: number): string => `${DAYS[Math.floor(hour / 24) % 7]} ${String(hour % 24).padStart(2, '0')}:00`

/** How much of the time it was there, as it says itself with its offers. */
export const Availability = ({ of: { week, month, hoursOfWeek } }: Given) => (
  <section class="card">
    <h2>How available it was, as it says itself</h2>
    <Wide label="Availability">
      <table>
        <thead>
          <tr>
            <th scope="col">In the last</th>
            <th scope="col">There</th>
            <th scope="col">Known over</th>
            <th scope="col">Leases</th>
            <th scope="col">Broken by it</th>
            <th scope="col">Served</th>
            <th scope="col">Of that in full</th>
          </tr>
        </thead>
        <tbody>
          {[['7 days', week] as const, ['30 days', month] as const].map(([name, { lentShare, spanS, served }]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="figure">{percent(lentShare)}</td>
              <td>
                <Time of={spanS} />
              </td>
              <td class="figure">{served.leases}</td>
              <td class="figure">{served.broken}</td>
              <td>
                <Time of={served.servedS} />
              </td>
              <td class="figure">{served.fullShare === null ? '–' : percent(served.fullShare)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
    {hoursOfWeek.some((share) => share !== null) && (
      <Plot
        label="By hour of the week, UTC"
        across={{ label: 'From', values: hoursOfWeek.map((_, hour) => hour), show: showHour }}
        lines={[{ label: 'share of the time that it was there', values: hoursOfWeek, tone: 'accent' }]}
        show={percent}
        isStepped
      />
    )}
  </section>
)

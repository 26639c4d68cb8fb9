import { showNumber } from '../../../domain/shown.ts'
import { Plot } from '../part/plot.tsx'
import { Msat } from '../part/shown.tsx'
import { Wide } from '../part/wide.tsx'
import { type Level, stepsOf } from './depth-steps.ts'

type Given = { readonly demand: readonly Level[]; readonly supply: readonly Level[] }

const showPrice = (sats: number): string => `${showNumber(Math.round(sats))} sats`

/** Ceilings of announcements against prices of offers, for an hour of a core, so that machines of all sizes compare. */
export const OrderBook = ({ demand, supply }: Given) => {
  const steps = stepsOf(demand, supply)
  return (
    <section class="card">
      <h2>Order book, for an hour of one core</h2>
      {steps.prices.length === 0 ? (
        <p class="empty">
          Nothing is wanted and nothing is offered now. <a href="/post">Announce what you want</a>.
        </p>
      ) : (
        <>
          <Plot
            label="Machines, by price"
            across={{ label: 'Price', values: steps.prices, show: showPrice }}
            lines={[
              { label: 'wanted at this price or more', values: steps.wanted, tone: 'good' },
              { label: 'offered at this price or less', values: steps.offered, tone: 'bad' },
            ]}
            show={(machines) => showNumber(machines)}
            isStepped
          />
          <div class="two">
            <Levels label="Wanted: ceilings of announcements" levels={demand} none="Nobody wants a machine now." />
            <Levels
              label="Offered: prices that nobody has answered yet"
              levels={supply}
              none="No offer waits. Providers offer to an announcement: post one."
            />
          </div>
        </>
      )}
    </section>
  )
}

type LevelsGiven = { readonly label: string; readonly levels: readonly Level[]; readonly none: string }

const Levels = ({ label, levels, none }: LevelsGiven) => (
  <section>
    <h3>{label}</h3>
    {levels.length === 0 ? (
      <p class="empty">{none}</p>
    ) : (
      <Wide label={label}>
        <table>
          <thead>
            <tr>
              <th scope="col">Price</th>
              <th scope="col">Machines</th>
              <th scope="col">So far</th>
              <th scope="col">Cores</th>
            </tr>
          </thead>
          <tbody>
            {levels.map((level) => (
              <tr key={level.levelMsat}>
                <td>
                  <Msat of={level.levelMsat} />
                </td>
                <td class="figure">{showNumber(level.machines)}</td>
                <td class="figure">{showNumber(level.machinesSoFar)}</td>
                <td class="figure">{showNumber(level.cores)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    )}
  </section>
)

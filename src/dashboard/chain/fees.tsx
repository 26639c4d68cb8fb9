import { useLive } from '../api/live.ts'
import { graphql } from '../graphql.ts'
import { Plot } from '../part/plot.tsx'
import { Table } from '../part/table.tsx'
import { Told } from '../part/told.tsx'
import { Rate, showRate } from './rate.tsx'

const FEES = graphql(`
  query FeesNow {
    status { position }
    fees {
      estimates { targetBlocks feeRate }
      histogram { fromRate toRate transactions virtualSize }
    }
    feeHistory(first: 100) {
      edges { node { id fromHeight toHeight lowRate medianRate highRate transactions } }
    }
  }
`)

/** What a place in a block costs: by the node's estimate, in the mempool, and in blocks that were. */
export const Fees = () => {
  const live = useLive(FEES, {}, ['mempool'])
  const data = live.data.value
  if (data === undefined) return live.fault.value ? <Told told={live.fault.value} /> : null
  const history = data.feeHistory.edges.map(({ node }) => node).toReversed()
  const paid = history.filter(({ medianRate }) => medianRate !== null)
  return (
    <section class="card">
      <h2>Fees</h2>
      <div class="two">
        <div>
          <h3>To be in a block soon</h3>
          <Table
            label="Estimates"
            head={['Within blocks', 'Pay']}
            rows={data.fees.estimates}
            keyOf={({ targetBlocks }) => `${targetBlocks}`}
            empty="There is no chain to ask."
          >
            {({ targetBlocks, feeRate }) => [<span class="figure">{targetBlocks}</span>, <Rate of={feeRate} />]}
          </Table>
        </div>
        <div>
          <h3>What waits, by what it pays</h3>
          <Table
            label="Mempool by fee rate"
            head={['sat/vB', 'Transactions', 'Virtual bytes']}
            rows={data.fees.histogram}
            keyOf={({ fromRate }) => `${fromRate}`}
            empty="Nothing waits."
          >
            {(one) => [
              <span class="figure">
                {showRate(one.fromRate)} {one.toRate === null ? 'or more' : `to ${showRate(one.toRate)}`}
              </span>,
              <span class="figure">{one.transactions}</span>,
              <span class="figure">{one.virtualSize}</span>,
            ]}
          </Table>
        </div>
      </div>
      <h3>What was paid</h3>
      {paid.length === 0 ? (
        <p class="empty">No block had a transaction that paid a fee yet.</p>
      ) : (
        <Plot
          label="Fee rates that blocks took"
          across={{ label: 'From block', values: paid.map(({ fromHeight }) => fromHeight), show: String }}
          show={(rate) => `${showRate(rate)} sat/vB`}
          lines={[
            { label: 'a tenth paid this or more', tone: 'warn', values: paid.map(({ highRate }) => highRate) },
            { label: 'median', tone: 'accent', values: paid.map(({ medianRate }) => medianRate) },
            { label: 'a tenth paid this or less', tone: 'good', values: paid.map(({ lowRate }) => lowRate) },
          ]}
        />
      )}
    </section>
  )
}

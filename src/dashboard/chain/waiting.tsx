import { useLive } from '../api/live.ts'
import { graphql } from '../graphql.ts'
import { Sats, Short, Time } from '../part/shown.tsx'
import { Table } from '../part/table.tsx'
import { Told } from '../part/told.tsx'
import { Rate } from './rate.tsx'

const WAITING = graphql(`
  query WaitingNow {
    status { position }
    fees(targets: [1]) { waiting waitingFeeSats waitingVirtualSize }
    mempool(first: 12) {
      edges { node { id txid ageS feeRate feeSats outputSats virtualSize } }
    }
  }
`)

const HEAD = ['Pays', 'Fee', 'Virtual bytes', 'Moves', 'Waits for', 'Transaction']

/** What waits for a block, what miners take first at the top. */
export const Waiting = () => {
  const live = useLive(WAITING, {}, ['mempool'])
  const data = live.data.value
  return (
    <section class="card">
      <h2>Waiting for a block</h2>
      {live.fault.value && <Told told={live.fault.value} />}
      {data && (
        <>
          <p aria-live="polite">
            <span class="figure">{data.fees.waiting}</span> transactions of{' '}
            <span class="figure">{data.fees.waitingVirtualSize}</span> virtual bytes, which pay{' '}
            <Sats of={data.fees.waitingFeeSats} />.
          </p>
          <Table
            label="Transactions that wait"
            head={HEAD}
            rows={data.mempool.edges.map(({ node }) => node)}
            keyOf={({ id }) => id}
            empty="Nothing waits: the next transaction goes into the next block at the least fee."
          >
            {(one) => [
              <Rate of={one.feeRate} />,
              <Sats of={one.feeSats} />,
              <span class="figure">{one.virtualSize}</span>,
              <Sats of={one.outputSats} />,
              <Time of={one.ageS} />,
              <Short of={one.txid} to={`/transaction/${one.txid}`} />,
            ]}
          </Table>
        </>
      )}
    </section>
  )
}

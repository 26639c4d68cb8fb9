import { useLive } from '../api/live.ts'
import { graphql } from '../graphql.ts'
import { At, Short } from '../part/shown.tsx'
import { Table } from '../part/table.tsx'
import { Told } from '../part/told.tsx'

const REORGANISATIONS = graphql(`
  query ReorganisationsNow {
    status { position }
    reorganisations(first: 10) { edges { node { id at depth height hash from } } }
  }
`)

/** When another branch of the chain took over. */
export const Reorganisations = () => {
  const live = useLive(REORGANISATIONS, {}, ['chain'])
  const data = live.data.value
  return (
    <section class="card">
      <h2>Reorganisations</h2>
      <p>
        One block now and then is usual. Deep ones are what an attacker of a young chain makes: wait for more blocks
        before what was paid counts.
      </p>
      {live.fault.value && <Told told={live.fault.value} />}
      {data && (
        <Table
          label="Reorganisations"
          head={['At', 'Blocks left', 'Both have', 'The tip that was left']}
          rows={data.reorganisations.edges.map(({ node }) => node)}
          keyOf={({ id }) => id}
          empty="This node has followed none."
        >
          {(one) => [
            <At of={one.at} />,
            <span class="figure">{one.depth}</span>,
            <span>
              <a class="figure" href={`/block/${one.hash}`}>
                {one.height}
              </a>
            </span>,
            <Short of={one.from} />,
          ]}
        </Table>
      )}
    </section>
  )
}

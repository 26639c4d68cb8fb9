import { useLive } from '../api/live.ts'
import { graphql } from '../graphql.ts'
import { At, Short, Words } from '../part/shown.tsx'
import { Table } from '../part/table.tsx'
import { useEvery } from './every.ts'

const TIMERS = graphql(`
  query TimersNow {
    status { position }
    timers(first: 20, filter: { state: [SET] }, orderBy: { by: DUE, direction: ASCENDING }) {
      edges { node { id key kind subject due setAt } }
    }
  }
`)

const EVERY_MS = 5_000

/** What is to be done when its time has come, the next first. `overdue`: that have not fired though it has. */
export const Timers = ({ overdue }: { readonly overdue: number }) => {
  const live = useLive(TIMERS, {}, [])
  useEvery(EVERY_MS, () => live.again())
  const data = live.data.value
  return (
    <section class="card">
      <h2>Timers</h2>
      {overdue > 0 && (
        <p role="status">
          <span class="state warn">late</span> {overdue} should have fired: the node is busy, was away, or its clock was
          set.
        </p>
      )}
      {data && (
        <Table
          label="Timers"
          head={['Due', 'What', 'Of', 'Set']}
          rows={data.timers.edges.map(({ node }) => node)}
          keyOf={({ id }) => id}
          empty="Nothing waits for a time."
        >
          {(row) => [<At of={row.due} />, <Words of={row.kind} />, <Short of={row.subject} />, <At of={row.setAt} />]}
        </Table>
      )}
    </section>
  )
}

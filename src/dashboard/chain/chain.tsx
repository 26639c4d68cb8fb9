import { useLive } from '../api/live.ts'
import { graphql } from '../graphql.ts'
import { afterOf, Older } from '../part/older.tsx'
import { Screen } from '../part/screen.tsx'
import { At, Sats, Short } from '../part/shown.tsx'
import { Table } from '../part/table.tsx'
import { Fees } from './fees.tsx'
import { Waiting } from './waiting.tsx'

const BLOCKS = graphql(`
  query NewestBlocks($after: String) {
    status { position height network }
    blocks(first: 12, after: $after) {
      edges { node { id hash height time transactionCount virtualSize feeSats outputSats } }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

const HEAD = ['Height', 'Mined', 'Transactions', 'Virtual bytes', 'Fees', 'Moved', 'Hash']

/** The chain as this node follows it: newest blocks, what waits for one, and what a place in one costs. */
export const Chain = () => {
  const after = afterOf()
  const live = useLive(BLOCKS, after === undefined ? {} : { after }, ['chain'])
  return (
    <Screen title="Chain" cli={['zennet chain blocks', 'zennet chain mempool', 'zennet chain fees']} live={live}>
      {({ status, blocks }) => (
        <>
          <section class="card">
            <h2>Blocks of {status.network}</h2>
            <p aria-live="polite">
              {status.height === null ? (
                'No block yet.'
              ) : (
                <>
                  Newest: block <strong class="figure">{status.height}</strong>
                </>
              )}
            </p>
            <Table
              label="Blocks"
              head={HEAD}
              rows={blocks.edges.map(({ node }) => node)}
              keyOf={({ id }) => id}
              empty="This node has followed no block yet. See Health for its peers."
            >
              {(block) => [
                <a class="figure" href={`/block/${block.hash}`}>
                  {block.height}
                </a>,
                <At of={block.time} />,
                <span class="figure">{block.transactionCount}</span>,
                <span class="figure">{block.virtualSize}</span>,
                <Sats of={block.feeSats} />,
                <Sats of={block.outputSats} />,
                <Short of={block.hash} to={`/block/${block.hash}`} />,
              ]}
            </Table>
            <Older page={blocks.pageInfo} />
          </section>
          <Waiting />
          <Fees />
        </>
      )}
    </Screen>
  )
}

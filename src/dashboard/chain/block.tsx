import { useLive } from '../api/live.ts'
import { graphql, type ResultOf } from '../graphql.ts'
import { afterOf, Older } from '../part/older.tsx'
import { Screen } from '../part/screen.tsx'
import { At, Sats, Short } from '../part/shown.tsx'
import { Table } from '../part/table.tsx'
import { Told } from '../part/told.tsx'
import { Rate } from './rate.tsx'

const BLOCK = graphql(`
  query BlockShown($hash: Hex!) {
    status { position height }
    block(hash: $hash) {
      hash height previous time at transactionCount virtualSize weight sizeBytes outputSats feeSats subsidySats
    }
  }
`)

const INSIDE = graphql(`
  query BlockInside($filter: TransactionFilter!, $next: IntRange!, $after: String) {
    status { position }
    blocks(first: 1, filter: { height: $next }) { edges { node { hash } } }
    transactions(first: 50, after: $after, filter: $filter, orderBy: { by: PLACE, direction: ASCENDING }) {
      edges { node { id txid coinbase inputCount outputCount outputSats feeSats feeRate virtualSize } }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

type Found = NonNullable<ResultOf<typeof BLOCK>['block']>

/** A block of the active chain, and its transactions. */
export const Block = ({ hash = '' }: Readonly<Record<string, string>>) => {
  const live = useLive(BLOCK, { hash }, ['chain'])
  return (
    <Screen title="Block" cli={[`zennet chain block ${hash}`]} live={live}>
      {({ block, status }) =>
        block === null ? (
          <Told
            told={{
              code: 'block.unknown',
              message: 'The active chain of this node has no such block.',
              culprit: 'you',
              next: 'It may have been left in a reorganisation, or is not read yet. Look at the newest blocks on the chain’s page.',
            }}
          />
        ) : (
          <>
            <Facts of={block} tip={status.height} />
            <Inside of={block} />
          </>
        )
      }
    </Screen>
  )
}

const Facts = ({ of, tip }: { readonly of: Found; readonly tip: number | null }) => (
  <section class="card">
    <h2>
      Block <span class="figure">{of.height}</span>
    </h2>
    <dl class="facts">
      <dt>Hash</dt>
      <dd>
        <code>{of.hash}</code>
      </dd>
      <dt>After</dt>
      <dd>
        {of.height === 0 ? (
          'nothing: it is the first'
        ) : (
          <a href={`/block/${of.previous}`}>
            <code>{of.previous}</code>
          </a>
        )}
      </dd>
      <dt>Blocks upon it</dt>
      <dd class="figure">{tip === null ? '–' : Math.max(0, tip - of.height)}</dd>
      <dt>Mined</dt>
      <dd>
        <At of={of.time} />, as its miner says; here at <At of={of.at} />
      </dd>
      <dt>Transactions</dt>
      <dd class="figure">{of.transactionCount}</dd>
      <dt>Size</dt>
      <dd>
        <span class="figure">{of.virtualSize}</span> virtual bytes
        {of.weight !== null && `, weight ${of.weight}`}
        {of.sizeBytes !== null && `, ${of.sizeBytes} bytes`}
      </dd>
      <dt>Moved</dt>
      <dd>
        <Sats of={of.outputSats} />
      </dd>
      <dt>Its miner has</dt>
      <dd>
        <Sats of={of.subsidySats} /> new and <Sats of={of.feeSats} /> of fees
      </dd>
    </dl>
  </section>
)

const HEAD = ['Transaction', 'Moves', 'Fee', 'Pays', 'Inputs', 'Outputs', 'Virtual bytes']

const Inside = ({ of }: { readonly of: Found }) => {
  const after = afterOf()
  const { height } = of
  const only = { min: height, max: height }
  const live = useLive(
    INSIDE,
    {
      filter: { height: only },
      next: { min: height + 1, max: height + 1 },
      ...(after === undefined ? {} : { after }),
    },
    ['chain'],
  )
  const data = live.data.value
  const next = data?.blocks.edges[0]?.node.hash
  return (
    <section class="card">
      <h2>Transactions</h2>
      {live.fault.value && <Told told={live.fault.value} />}
      {data && (
        <>
          <Table
            label="Transactions of the block"
            head={HEAD}
            rows={data.transactions.edges.map(({ node }) => node)}
            keyOf={({ id }) => id}
            empty="This node does not know its transactions yet."
          >
            {(one) => [
              <span>
                <Short of={one.txid} to={`/transaction/${one.txid}`} /> {one.coinbase && 'new coins'}
              </span>,
              <Sats of={one.outputSats} />,
              <Sats of={one.feeSats} />,
              <Rate of={one.feeRate} />,
              <span class="figure">{one.inputCount}</span>,
              <span class="figure">{one.outputCount}</span>,
              <span class="figure">{one.virtualSize}</span>,
            ]}
          </Table>
          <Older page={data.transactions.pageInfo} />
        </>
      )}
      {next !== undefined && (
        <p>
          <a href={`/block/${next}`}>The block after it</a>
        </p>
      )}
    </section>
  )
}

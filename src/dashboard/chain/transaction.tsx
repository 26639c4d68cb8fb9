import { useLive } from '../api/live.ts'
import { graphql, type ResultOf } from '../graphql.ts'
import { Screen } from '../part/screen.tsx'
import { At, Sats, Time } from '../part/shown.tsx'
import { Told } from '../part/told.tsx'
import { Inputs, Outputs } from './coins.tsx'
import { Meaning } from './meaning.tsx'
import { Rate } from './rate.tsx'

const TRANSACTION = graphql(`
  query TransactionShown($txid: Hex!, $waiting: ID!) {
    status { position height }
    transaction(txid: $txid) {
      txid height blockHash index time coinbase outputSats feeSats feeRate virtualSize weight
      inputs { txid vout sats address }
      outputs { vout sats address script spentBy spentHeight }
    }
    node(id: $waiting) {
      ... on WaitingTransaction { txid at ageS outputSats feeSats feeRate virtualSize depends }
    }
  }
`)

type Answer = ResultOf<typeof TRANSACTION>
type InBlock = NonNullable<Answer['transaction']>
type Waiting = Extract<NonNullable<Answer['node']>, { txid: string }>

/** A transaction in a block or waiting for one: what it spends, what it makes, and what it is in the market. */
export const Transaction = ({ txid = '' }: Readonly<Record<string, string>>) => {
  const live = useLive(TRANSACTION, { txid, waiting: `WaitingTransaction:${txid}` }, ['mempool'])
  return (
    <Screen title="Transaction" cli={[`zennet chain tx ${txid}`]} live={live}>
      {({ transaction, node, status }) => (
        <>
          <Meaning txid={txid} spends={transaction?.inputs ?? []} />
          {transaction !== null ? (
            <Mined of={transaction} tip={status.height} />
          ) : node !== null && 'txid' in node ? (
            <Unmined of={node} />
          ) : (
            <Told
              told={{
                code: 'transaction.unknown',
                message: 'No block and no mempool that this node knows has it.',
                culprit: 'you',
                next: 'Check the id. If it was sent a moment ago, wait; if another took its coins, it is gone for good.',
              }}
            />
          )}
        </>
      )}
    </Screen>
  )
}

const Mined = ({ of, tip }: { readonly of: InBlock; readonly tip: number | null }) => (
  <>
    <section class="card">
      <h2>In block {of.height}</h2>
      <dl class="facts">
        <dt>Id</dt>
        <dd>
          <code>{of.txid}</code>
        </dd>
        <dt>Block</dt>
        <dd>
          <a href={`/block/${of.blockHash}`}>
            <code>{of.blockHash}</code>
          </a>
          , place <span class="figure">{of.index}</span>
        </dd>
        <dt>Confirmed by</dt>
        <dd class="figure">{tip === null ? '–' : `${tip - of.height + 1} blocks`}</dd>
        <dt>At</dt>
        <dd>
          <At of={of.time} />
        </dd>
        <Cost of={of} />
      </dl>
    </section>
    <div class="two">
      <Inputs of={of.inputs} isNew={of.coinbase} />
      <Outputs of={of.outputs} />
    </div>
  </>
)

const Unmined = ({ of }: { readonly of: Waiting }) => (
  <section class="card">
    <h2>Waits for a block</h2>
    <dl class="facts">
      <dt>Id</dt>
      <dd>
        <code>{of.txid}</code>
      </dd>
      <dt>Seen</dt>
      <dd>
        <At of={of.at} />, <Time of={of.ageS} /> ago
      </dd>
      <Cost of={of} />
      {of.depends.length > 0 && (
        <>
          <dt>Only after</dt>
          <dd>
            {of.depends.map((txid) => (
              <a key={txid} href={`/transaction/${txid}`}>
                <code>{txid}</code>
              </a>
            ))}
          </dd>
        </>
      )}
    </dl>
    <p class="faint">Is it yours and takes too long? Raise its fee in the wallet’s history.</p>
  </section>
)

type Priced = Pick<InBlock, 'outputSats' | 'feeSats' | 'feeRate' | 'virtualSize'>

const Cost = ({ of }: { readonly of: Priced }) => (
  <>
    <dt>Moves</dt>
    <dd>
      <Sats of={of.outputSats} />
    </dd>
    <dt>Fee</dt>
    <dd>
      <Sats of={of.feeSats} />, <Rate of={of.feeRate} />, <span class="figure">{of.virtualSize}</span> virtual bytes
    </dd>
  </>
)

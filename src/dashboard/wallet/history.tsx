import { useLive } from '../api/live.ts'
import { graphql } from '../graphql.ts'
import { afterOf, Older } from '../part/older.tsx'
import { Screen } from '../part/screen.tsx'
import { At, Sats, Short, Words } from '../part/shown.tsx'
import { Signed } from '../part/signed.tsx'
import { Table } from '../part/table.tsx'
import { Bump } from './bump.tsx'
import { Label } from './label.tsx'
import { Tabs } from './tabs.tsx'
import './wallet.css'

const HISTORY = graphql(`
  query WalletHistory($after: String) {
    status { position height }
    walletHistory(first: 50, after: $after) {
      edges { node { id txid at changeSats feeSats purpose height dropped label } }
      pageInfo { hasNextPage endCursor }
    }
    fees(targets: [1, 6, 144]) { estimates { targetBlocks feeRate } }
  }
`)

const HEAD = ['At', 'Change', 'For', 'Fee', 'State', 'Transaction', 'Your words']

/** What came and went, newest first, and what can be done about what waits. */
export const History = () => {
  const after = afterOf()
  const live = useLive(HISTORY, after === undefined ? {} : { after }, ['wallet', 'chain'])
  return (
    <Screen
      title="Wallet history"
      cli={['zennet wallet history', 'zennet wallet bump TXID', 'zennet wallet label TXID WORDS']}
      live={live}
      actions={<Tabs />}
    >
      {({ walletHistory, fees, status }) => (
        <section class="card">
          <Table
            label="Transactions of the wallet"
            head={HEAD}
            rows={walletHistory.edges.map(({ node }) => node)}
            keyOf={({ id }) => id}
            empty={
              <>
                Nothing has come or gone. <a href="/wallet/receive">Receive coins</a> to begin.
              </>
            }
          >
            {(one) => [
              <At of={one.at} />,
              <Signed of={BigInt(one.changeSats)} />,
              <Words of={one.purpose ?? 'received'} />,
              <Sats of={one.feeSats} />,
              one.dropped ? (
                <span class="state bad">gone: its coins went elsewhere</span>
              ) : one.height === null ? (
                <span class="row">
                  <span class="state warn">waits</span>
                  <Bump txid={one.txid} estimates={fees.estimates} again={live.again} />
                </span>
              ) : (
                <span class="figure">
                  block {one.height}
                  {status.height !== null && `, ${status.height - one.height + 1} deep`}
                </span>
              ),
              <Short of={one.txid} to={`/transaction/${one.txid}`} />,
              <Label of={one.label} what={{ txid: one.txid }} again={live.again} />,
            ]}
          </Table>
          <Older page={walletHistory.pageInfo} />
        </section>
      )}
    </Screen>
  )
}

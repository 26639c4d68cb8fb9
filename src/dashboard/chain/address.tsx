import { useLive } from '../api/live.ts'
import { graphql, type ResultOf } from '../graphql.ts'
import { Copied } from '../part/copied.tsx'
import { afterOf, Older } from '../part/older.tsx'
import { Screen } from '../part/screen.tsx'
import { At, Sats, Short } from '../part/shown.tsx'
import { Signed } from '../part/signed.tsx'
import { Table } from '../part/table.tsx'

const ADDRESS = graphql(`
  query AddressShown($address: String!, $after: String, $coinsAfter: String) {
    status { position }
    address(address: $address) {
      address balanceSats receivedSats sentSats transactionCount unspentCount
      transactions(first: 50, after: $after) {
        edges { node { id txid height time receivedSats sentSats } }
        pageInfo { hasNextPage endCursor }
      }
      unspent(first: 20, after: $coinsAfter) {
        edges { node { id txid vout sats height coinbase } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`)

type Found = NonNullable<ResultOf<typeof ADDRESS>['address']>

/** What the blocks say of an address. Needs the node's index of the chain, which a node without says as a fault. */
export const Address = ({ address = '' }: Readonly<Record<string, string>>) => {
  const after = afterOf()
  const coinsAfter = afterOf('coins')
  const live = useLive(
    ADDRESS,
    {
      address,
      ...(after === undefined ? {} : { after }),
      ...(coinsAfter === undefined ? {} : { coinsAfter }),
    },
    ['chain'],
  )
  return (
    <Screen title="Address" cli={[`zennet chain address ${address}`]} live={live}>
      {(data) => (
        <>
          <p>
            <Copied text={address} />
          </p>
          {data.address === null ? (
            <p class="empty">
              No block names this address. A payment that waits for a block is not counted yet: it is shown here when it
              is in one.
            </p>
          ) : (
            <Shown of={data.address} />
          )}
        </>
      )}
    </Screen>
  )
}

const Shown = ({ of }: { readonly of: Found }) => (
  <>
    <div class="cards">
      <section class="card">
        <h2>Has</h2>
        <p class="big" aria-live="polite">
          <Sats of={of.balanceSats} />
        </p>
        <p>
          in <span class="figure">{of.unspentCount}</span> coins
        </p>
      </section>
      <section class="card">
        <h2>Was paid</h2>
        <p class="big">
          <Sats of={of.receivedSats} />
        </p>
      </section>
      <section class="card">
        <h2>Has spent</h2>
        <p class="big">
          <Sats of={of.sentSats} />
        </p>
      </section>
    </div>
    <section class="card">
      <h2>
        <span class="figure">{of.transactionCount}</span> transactions
      </h2>
      <Table
        label="Transactions of the address"
        head={['At', 'Block', 'Change', 'Transaction']}
        rows={of.transactions.edges.map(({ node }) => node)}
        keyOf={({ id }) => id}
        empty="None."
      >
        {(one) => [
          <At of={one.time} />,
          <span class="figure">{one.height}</span>,
          <Signed of={BigInt(one.receivedSats) - BigInt(one.sentSats)} />,
          <Short of={one.txid} to={`/transaction/${one.txid}`} />,
        ]}
      </Table>
      <Older page={of.transactions.pageInfo} />
    </section>
    <section class="card">
      <h2>Coins that are not spent</h2>
      <Table
        label="Unspent coins"
        head={['Worth', 'Block', 'Coin of']}
        rows={of.unspent.edges.map(({ node }) => node)}
        keyOf={({ id }) => id}
        empty="All that it was paid is spent."
      >
        {(one) => [
          <Sats of={one.sats} />,
          <span class="figure">{one.height}</span>,
          <span>
            <Short of={one.txid} to={`/transaction/${one.txid}`} />
            <span class="figure">:{one.vout}</span> {one.coinbase && 'mined'}
          </span>,
        ]}
      </Table>
      <Older page={of.unspent.pageInfo} name="coins" />
    </section>
  </>
)

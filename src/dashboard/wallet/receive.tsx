import { useLive } from '../api/live.ts'
import { graphql, type ResultOf } from '../graphql.ts'
import { Copied } from '../part/copied.tsx'
import { Lazy } from '../part/lazy.tsx'
import { Screen } from '../part/screen.tsx'
import { Sats, Short, said } from '../part/shown.tsx'
import { Table } from '../part/table.tsx'
import { Label } from './label.tsx'
import { Tabs } from './tabs.tsx'
import './wallet.css'

const ADDRESSES = graphql(`
  query OwnAddresses {
    status { position }
    receiveAddress
    walletAddresses { address account index label receivedSats unspentSats }
  }
`)

type Own = ResultOf<typeof ADDRESSES>['walletAddresses'][number]

const qrCode = async () => (await import('./qr-code.tsx')).QrCode

/** An address to be paid at, which is another one as soon as it was paid. */
export const Receive = () => {
  const live = useLive(ADDRESSES, {}, ['wallet'])
  return (
    <Screen title="Receive" cli={['zennet wallet receive', 'zennet wallet addresses']} live={live} actions={<Tabs />}>
      {({ receiveAddress, walletAddresses }) => (
        <>
          <section class="card">
            <h2>Be paid here</h2>
            <Lazy key={receiveAddress} load={qrCode} given={{ text: receiveAddress }} />
            <p aria-live="polite">
              <Copied key={receiveAddress} text={receiveAddress} />
            </p>
            <p>
              For whom?{' '}
              <Label
                key={receiveAddress}
                of={walletAddresses.find(({ address }) => address === receiveAddress)?.label ?? null}
                what={{ address: receiveAddress }}
                again={live.again}
              />
            </p>
            <p class="faint">
              Once it was paid, another is shown here: whoever sees two payments to one address knows that they are of
              one owner.
            </p>
          </section>
          <Addresses of={walletAddresses} again={live.again} />
        </>
      )}
    </Screen>
  )
}

const Addresses = ({ of, again }: { readonly of: readonly Own[]; again(): void }) => (
  <section class="card">
    <h2>Addresses of this wallet</h2>
    <Table
      label="Addresses of this wallet"
      head={['Address', 'For', 'Was paid', 'Has', 'Your words']}
      rows={of}
      keyOf={({ address }) => address}
      empty="None was paid yet."
    >
      {(one) => [
        <Short of={one.address} to={`/address/${one.address}`} />,
        <span class="figure">
          {said(one.account)} {one.index}
        </span>,
        <Sats of={one.receivedSats} />,
        <Sats of={one.unspentSats} />,
        <Label of={one.label} what={{ address: one.address }} again={again} />,
      ]}
    </Table>
  </section>
)

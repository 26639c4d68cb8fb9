import { useSignal } from '@preact/signals'
import { ask } from '../api/ask.ts'
import { useLive } from '../api/live.ts'
import { graphql, type ResultOf } from '../graphql.ts'
import { Action } from '../part/action.tsx'
import { Copied } from '../part/copied.tsx'
import { Screen } from '../part/screen.tsx'
import { Sats, Short, said } from '../part/shown.tsx'
import { Table } from '../part/table.tsx'
import { Tabs } from './tabs.tsx'
import './wallet.css'

const DESCRIPTORS = graphql(`
  query Descriptors {
    status { position }
    walletDescriptors { account descriptor }
  }
`)

const WATCHED = graphql(`
  # once
  query Watched($descriptor: String!) {
    watched(descriptor: $descriptor) {
      descriptor balanceSats receivedSats complete
      addresses { address branch index used balanceSats receivedSats unspentCount }
    }
  }
`)

type Found = ResultOf<typeof WATCHED>['watched']

/** To watch this wallet elsewhere, and any wallet here. */
export const Watch = () => {
  const live = useLive(DESCRIPTORS, {}, ['wallet'])
  return (
    <Screen
      title="Watch"
      cli={['zennet wallet descriptors', 'zennet wallet watch DESCRIPTOR']}
      live={live}
      actions={<Tabs />}
    >
      {({ walletDescriptors }) => (
        <>
          <section class="card">
            <h2>Watch this wallet elsewhere</h2>
            <p>
              These find every address of this wallet and sign nothing (BIP 380). Whoever has them sees all that it has
              and had.
            </p>
            {walletDescriptors.length === 0 ? (
              <p class="empty">A node that only reads the log has no keys: ask the node that has.</p>
            ) : (
              <ul class="plain">
                {walletDescriptors.map(({ account, descriptor }) => (
                  <li key={account}>
                    {said(account)} <Copied text={descriptor} />
                  </li>
                ))}
              </ul>
            )}
          </section>
          <WatchHere />
        </>
      )}
    </Screen>
  )
}

const WatchHere = () => {
  const typed = useSignal('')
  const found = useSignal<Found | undefined>(undefined)
  return (
    <section class="card">
      <h2>Watch a wallet here</h2>
      <label>
        Descriptor, with public keys only
        <textarea
          rows={3}
          spellcheck={false}
          value={typed}
          onInput={(event) => {
            typed.value = event.currentTarget.value
          }}
        />
        <span class="faint">wpkh(…), pkh(…), sh(wpkh(…)) or addr(…). Nothing of it is remembered.</span>
      </label>
      <Action
        label="Look"
        run={async () => {
          found.value = undefined
          found.value = (await ask(WATCHED, { descriptor: typed.peek().trim() })).watched
        }}
      />
      {found.value && <Shown of={found.value} />}
    </section>
  )
}

const Shown = ({ of }: { readonly of: Found }) => (
  <div role="status">
    <p class="big">
      <Sats of={of.balanceSats} />
    </p>
    <p>
      in blocks, of <Sats of={of.receivedSats} /> that were paid to it.{' '}
      {!of.complete && 'It has more addresses than are looked at: there may be more.'}
    </p>
    <Table
      label="Watched addresses"
      head={['Address', 'Branch', 'Has', 'Was paid', 'Coins']}
      rows={of.addresses}
      keyOf={({ branch, index }) => `${branch}/${index}`}
      empty="It has no address."
    >
      {(one) => [
        <Short of={one.address} to={`/address/${one.address}`} />,
        <span class="figure">
          {one.branch}/{one.index} {!one.used && 'unused'}
        </span>,
        <Sats of={one.balanceSats} />,
        <Sats of={one.receivedSats} />,
        <span class="figure">{one.unspentCount}</span>,
      ]}
    </Table>
  </div>
)

import { useLive } from '../api/live.ts'
import { graphql, type ResultOf } from '../graphql.ts'
import { Screen } from '../part/screen.tsx'
import { Sats, said } from '../part/shown.tsx'
import { Table } from '../part/table.tsx'
import { Behind } from './behind.tsx'
import { BudgetCard } from './budget-card.tsx'
import { Lock } from './lock.tsx'
import { Tabs } from './tabs.tsx'
import './wallet.css'

const BALANCES = graphql(`
  query Balances {
    status { position height at }
    blocks(first: 1) { edges { node { time } } }
    balance { confirmedSats unconfirmedSats immatureSats bondedSats }
    balances { account confirmedSats unconfirmedSats immatureSats reservedSats }
    walletLock { locked unlockedUntil }
    budget { limitSats spentSats reservedSats leftSats hourlyMsat dayBegan emptyAt }
  }
`)

type Sum = ResultOf<typeof BALANCES>['balance']

const ACCOUNTS = {
  RECEIVE: 'Receive: paid to addresses that were given out',
  CHANGE: 'Change: what came back of own payments',
  IDENTITY: 'Identity: the author of announcements, and their bonds',
  CHANNEL: 'Channel: keys of payment channels',
} as const

/** What the wallet has, whether it may spend, and what leases may cost today. */
export const Wallet = () => {
  const live = useLive(BALANCES, {}, ['wallet', 'chain'])
  return (
    <Screen
      title="Wallet"
      cli={['zennet wallet balance', 'zennet budget', 'zennet wallet lock', 'zennet wallet unlock']}
      live={live}
      actions={<Tabs />}
    >
      {({ status, blocks, balance, balances, walletLock, budget }) => (
        <>
          <Behind now={status.at} newest={blocks.edges[0]?.node.time} />
          <Sums of={balance} />
          <div class="two">
            <Lock of={walletLock} now={status.at} again={live.again} />
            {budget === null ? (
              <section class="card">
                <h2>What leases cost today</h2>
                <p>This node rents nothing: nothing of it can be spent on leases.</p>
              </section>
            ) : (
              <BudgetCard of={budget} />
            )}
          </div>
          <section class="card">
            <h2>By account</h2>
            <Table
              label="Balances by account"
              head={['Account', 'In blocks', 'Waiting', 'Not old enough', 'On its way out']}
              rows={balances}
              keyOf={({ account }) => account}
              empty="There is no account."
            >
              {(one) => [
                ACCOUNTS[one.account] ?? said(one.account),
                <Sats of={one.confirmedSats} />,
                <Sats of={one.unconfirmedSats} />,
                <Sats of={one.immatureSats} />,
                <Sats of={one.reservedSats} />,
              ]}
            </Table>
          </section>
        </>
      )}
    </Screen>
  )
}

const Sums = ({ of }: { readonly of: Sum }) => {
  const all = [of.confirmedSats, of.unconfirmedSats, of.immatureSats, of.bondedSats].reduce((a, b) => a + BigInt(b), 0n)
  return (
    <>
      {all === 0n && (
        <p class="note">
          There is nothing in this wallet yet. <a href="/wallet/receive">Receive coins</a>: a lease locks some in a
          channel, and an announcement some as its bond.
        </p>
      )}
      <div class="cards" aria-live="polite">
        <Part title="Can be spent" of={of.confirmedSats} more="In blocks." />
        <Part title="Waiting" of={of.unconfirmedSats} more="In no block yet." />
        <Part title="Not old enough" of={of.immatureSats} more="Mined here; it can be spent some blocks later." />
        <Part title="In bonds" of={of.bondedSats} more="Of own announcements; it comes back when they end." />
      </div>
    </>
  )
}

const Part = ({ title, of, more }: { readonly title: string; readonly of: string; readonly more: string }) => (
  <section class="card">
    <h2>{title}</h2>
    <p class="big">
      <Sats of={of} />
    </p>
    <p class="faint">{more}</p>
  </section>
)

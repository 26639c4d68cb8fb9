import { useLive } from '../api/live.ts'
import { graphql, type ResultOf } from '../graphql.ts'
import { Alerts } from '../notification/alerts.tsx'
import { Screen } from '../part/screen.tsx'
import { At, Short } from '../part/shown.tsx'
import { ChainCard } from './chain-card.tsx'
import { Effects } from './effects.tsx'
import { useEvery } from './every.ts'
import { MarketCard } from './market-card.tsx'
import { Peers } from './peers.tsx'
import { ProcessCard } from './process-card.tsx'
import { Reorganisations } from './reorganisations.tsx'
import { Tables } from './tables.tsx'
import { Timers } from './timers.tsx'

/** What no feed tells of changes too: timers, effects, tables. */
const EVERY_MS = 5_000

const HEALTH = graphql(`
  query HealthNow {
    status { position head height at network roles version chain curve machines endpoint identity activeLeases }
    networkHealth {
      height blockTime blockIntervalS blockIntervals intendedIntervalS overdueTimers
      peers {
        bestHeight knownAddresses listening
        peers { number address direction userAgent height pingMs connectedAt sentBytes receivedBytes }
      }
    }
    fees(targets: [1, 6]) { waiting waitingFeeSats estimates { targetBlocks feeRate } }
    alerts { kind severity subjectKind subjectId code next dueAt }
  }
`)

type Answer = ResultOf<typeof HEALTH>

/** How the node is: each part with good or not good, and what to do. */
export const Health = () => {
  const live = useLive(HEALTH, {}, ['market', 'chain', 'wallet'])
  useEvery(EVERY_MS, () => live.again())
  return (
    <Screen
      title="Health"
      cli={['zennet doctor', 'zennet projections ls', 'zennet effects ls', 'zennet timers ls']}
      live={live}
    >
      {(data) => (
        <>
          <Alerts of={data.alerts} />
          <div class="two">
            <ChainCard of={data} />
            <NodeCard of={data.status} />
            <ProcessCard />
            <MarketCard />
          </div>
          <Effects />
          <Tables head={data.status.head} />
          <Timers overdue={data.networkHealth.overdueTimers} />
          <Peers of={data.networkHealth.peers} />
          <Reorganisations />
        </>
      )}
    </Screen>
  )
}

const NodeCard = ({ of }: { readonly of: Answer['status'] }) => (
  <section class="card">
    <h2>Node</h2>
    <dl class="facts">
      <dt>Version</dt>
      <dd>{of.version}</dd>
      <dt>Roles</dt>
      <dd>{of.roles.join(', ') || 'none: it only reads the log'}</dd>
      <dt>Identity</dt>
      <dd>
        <Short of={of.identity} />
      </dd>
      <dt>Log</dt>
      <dd>
        <span class="figure">{of.head}</span>, shown to <span class="figure">{of.position}</span>
      </dd>
      <dt>Its clock</dt>
      <dd>
        <At of={of.at} />
      </dd>
      <dt>Signatures</dt>
      <dd>{of.curve}</dd>
      <dt>Machines</dt>
      <dd>{of.machines ?? 'it lends none out'}</dd>
      <dt>Reached at</dt>
      <dd>{of.endpoint ?? 'nowhere: it rents nothing'}</dd>
      <dt>Leases that run</dt>
      <dd class="figure">{of.activeLeases}</dd>
    </dl>
  </section>
)

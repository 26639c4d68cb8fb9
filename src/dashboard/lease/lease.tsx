import { useLive } from '../api/live.ts'
import { Lazy } from '../part/lazy.tsx'
import { Screen } from '../part/screen.tsx'
import { MoreActions, QuickActions } from './actions.tsx'
import { Inside } from './inside.tsx'
import { Logins } from './logins.tsx'
import { Bill, Money } from './money/money.tsx'
import { Parties } from './parties.tsx'
import { isProviders, LEASE } from './query.ts'
import { ReceiptDownload } from './receipt/download.tsx'
import { Shell } from './shell.tsx'
import { StateOf } from './state.tsx'
import { UnknownLease } from './unknown.tsx'
import './lease.css'

const loadLiveParts = async () => (await import('./live-parts.tsx')).LiveParts

/** One lease, as either side sees it. */
export const Lease = ({ leaseId = '' }: Readonly<Record<string, string>>) => {
  const live = useLive(LEASE, { leaseId, ids: [leaseId] }, [`lease ${leaseId}`])
  const lease = live.data.value?.lease
  return (
    <Screen
      title={lease && isProviders(lease) ? 'Lease that this node provides' : 'Lease'}
      cli={[
        `zennet lease show ${leaseId}`,
        `zennet lease watch ${leaseId}`,
        ...(lease?.active ? [`zennet lease ssh ${leaseId}`, `zennet lease stop ${leaseId}`] : []),
        ...(lease?.receipt ? [`zennet lease receipt ${leaseId}`] : []),
      ]}
      live={live}
      actions={lease && <QuickActions of={lease} />}
    >
      {({ lease: found, offers }) =>
        found === null ? (
          <UnknownLease />
        ) : (
          <>
            <p class="faint">
              <code>{found.leaseId}</code>
            </p>
            <div class="two">
              <div>
                <StateOf of={found} />
              </div>
              <Money of={found} />
            </div>
            <Lazy load={loadLiveParts} given={{ leaseId: found.leaseId, isProvider: isProviders(found) }} />
            <div class="two">
              <Parties of={found} cpu={offers.edges[0]?.node.hardware.cpuModel} />
              <div>
                <Shell of={found} />
                <Bill of={found} />
              </div>
            </div>
            <Inside of={found} />
            {isProviders(found) && <Logins leaseId={found.leaseId} />}
            <ReceiptDownload of={found} />
            <MoreActions of={found} again={live.again} />
          </>
        )
      }
    </Screen>
  )
}

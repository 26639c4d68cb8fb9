import { useLive } from '../../api/live.ts'
import { graphql } from '../../graphql.ts'
import { Copied } from '../../part/copied.tsx'
import { Lazy } from '../../part/lazy.tsx'
import { Screen } from '../../part/screen.tsx'
import { Logins } from '../logins.tsx'
import { UnknownLease } from '../unknown.tsx'

const TERMINAL = graphql(`
  query TerminalOf($leaseId: Hex!) {
    status { position }
    lease(leaseId: $leaseId) { leaseId side stage keyKept end { code } shell { host port user } }
  }
`)

const load = async () => (await import('./shell-window.tsx')).ShellWindow

/** A shell in the machine of a lease, in the browser. */
export const TerminalScreen = ({ leaseId = '' }: Readonly<Record<string, string>>) => {
  const live = useLive(TERMINAL, { leaseId }, [`lease ${leaseId}`])
  return (
    <Screen
      title="Terminal"
      cli={[`zennet lease ssh ${leaseId}`]}
      live={live}
      actions={<a href={`/lease/${leaseId}`}>The lease</a>}
    >
      {({ lease }) => {
        if (lease === null) return <UnknownLease />
        const isOpen = lease.side === 'PUBLISHER' && lease.stage === 'METER'
        return (
          <>
            {isOpen && lease.keyKept ? (
              <Lazy load={load} given={{ leaseId }} />
            ) : (
              <section class="note">
                <p>
                  <strong>{whyNot(lease)}</strong>
                </p>
                {isOpen && lease.shell && (
                  <>
                    <p>Log in on the machine of this node, with the key that you rented it with:</p>
                    <p>
                      <Copied text={`ssh -p ${lease.shell.port} ${lease.shell.user}@${lease.shell.host}`} />
                    </p>
                    <p>
                      <Copied text={`zennet lease ssh ${lease.leaseId} --identity FILE`} />
                    </p>
                  </>
                )}
              </section>
            )}
            <Logins leaseId={leaseId} />
          </>
        )
      }}
    </Screen>
  )
}

const whyNot = ({ side, stage }: { readonly side: string; readonly stage: string }): string => {
  if (side === 'PROVIDER') return 'This node lends the machine out: only who rents it may open a shell in it.'
  if (stage !== 'METER') return 'There is no shell: the machine is not running for this lease now.'
  return 'This node keeps no key that the terms of the lease contain, so it cannot log in for you. Rent with keepKey to have one kept.'
}

import { Copied } from '../part/copied.tsx'
import { isProviders, isRunning, type LeaseRow } from './query.ts'

/** How to log in to the machine. */
export const Shell = ({ of }: { readonly of: LeaseRow }) => {
  if (isProviders(of) || of.shell === null) return null
  return (
    <section class="card">
      <h2>Shell</h2>
      {isRunning(of) && (
        <p>
          {of.keyKept ? (
            <a class="button" href={`/lease/${of.leaseId}/terminal`}>
              Open a terminal here
            </a>
          ) : (
            'This node keeps no key for it: log in with your own, on the machine of the node.'
          )}
        </p>
      )}
      <p>
        <Copied text={`zennet lease ssh ${of.leaseId}`} />
      </p>
      <p>
        <Copied text={`ssh -p ${of.shell.port} ${of.shell.user}@${of.shell.host}`} />
      </p>
      <p class="faint">Its host key is in the terms that both signed: {of.shell.hostKey.slice(0, 60)}</p>
    </section>
  )
}

import { Copied } from '../part/copied.tsx'
import { useCommands } from '../part/equivalents.tsx'
import { Fields } from './fields.tsx'
import { Limits } from './limits.tsx'
import { Sessions } from './sessions.tsx'

const EXAMPLE = '{"query":"{ status { version network height position } }"}'
const FEED = 'subscription { marketFeed { ... on MarketEvent { type at position } } }'

/** A command for a shell; the token comes from the file, so that it is in no history of commands. */
const curl = (more: string): string =>
  `curl -s ${location.origin}/graphql -H "authorization: Bearer $(cat api-token)" -H 'content-type: application/json' ${more}`

/** How programs have what these pages have. */
export const Api = () => {
  useCommands(['zennet --help', 'zennet market ls -o json'])
  return (
    <>
      <div class="title">
        <h1>API</h1>
        <a class="button" href="/graphql" data-server target="_blank" rel="noreferrer">
          Open GraphiQL
        </a>
      </div>
      <section class="card">
        <h2>Where, and who may</h2>
        <p>
          All that is shown here is asked of <code>{location.origin}/graphql</code> (GraphQL over HTTP, and over a
          WebSocket for subscriptions). The node’s owner shows the token, which is in <code>api-token</code> in the
          node’s data directory: readable for its user alone, and as good as a password.
        </p>
        <h3>A question</h3>
        <Copied text={curl(`-d '${EXAMPLE}'`)} />
        <h3>What happens from now on, as server-sent events</h3>
        <Copied text={curl(`-N -H 'accept: text/event-stream' -d '${JSON.stringify({ query: FEED })}'`)} />
        <h3>On a terminal</h3>
        <Copied text="zennet market ls -o json" />
        <p class="faint">
          At the foot of each screen stand the question that it asks and the commands that say the same.
        </p>
        <h3>For machines that watch</h3>
        <p>
          <code>/healthz</code>: it runs. <code>/readyz</code>: its rows are near the log’s head. <code>/metrics</code>:
          figures for Prometheus, with the token.
        </p>
      </section>
      <Sessions />
      <Limits />
      <Fields />
    </>
  )
}

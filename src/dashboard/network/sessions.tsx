import { useSignal } from '@preact/signals'
import { ask, doneOf } from '../api/ask.ts'
import { Fault } from '../api/fault.ts'
import { graphql } from '../graphql.ts'
import { Action } from '../part/action.tsx'

const REVOKE = graphql(`
  mutation RevokeSessions($input: RevokeSessionsInput!) {
    revokeSessions(input: $input) {
      __typename
      ... on SessionsRevoked { key }
      ... on Problem { code message culprit next }
    }
  }
`)

const KEY = /^0[23][0-9a-f]{64}$/

const SCOPES = {
  READ: 'sees what concerns its key',
  POST: 'posts announcements and ends leases',
  SPEND: 'pays, up to what the session and its day may spend',
} as const

/** Others than the owner prove a chain key, and have a session of a quarter of an hour at the most. */
export const Sessions = () => {
  const key = useSignal('')
  const revoked = useSignal('')
  const run = async (): Promise<void> => {
    const given = key.peek().trim().toLowerCase()
    revoked.value = ''
    if (!KEY.test(given))
      throw new Fault({
        code: 'dashboard.bad-key',
        message: 'That is no key.',
        culprit: 'you',
        next: 'A key is 66 hex digits that begin with 02 or 03.',
      })
    revoked.value = doneOf((await ask(REVOKE, { input: { key: given } })).revokeSessions).key
  }
  return (
    <section class="card">
      <h2>Sessions by a chain key</h2>
      <p>
        Who holds a chain key that this node lets in needs no token: <code>createSessionChallenge</code> gives what to
        sign, and <code>createSession</code> gives a token for it, of at most 15 minutes, with these scopes:
      </p>
      <dl class="facts">
        {Object.entries(SCOPES).map(([scope, words]) => (
          <Scope key={scope} scope={scope} words={words} />
        ))}
      </dl>
      <h3>End all sessions of a key</h3>
      <label>
        Key
        <input
          spellcheck={false}
          autocomplete="off"
          value={key}
          onInput={(event) => {
            key.value = event.currentTarget.value
          }}
        />
      </label>
      <Action
        label="End them"
        isBad
        sure={<p>Every session of that key ends now, its subscriptions and sockets too. It can sign in again.</p>}
        run={run}
      />
      <p role="status">{revoked.value !== '' && 'They are ended.'}</p>
    </section>
  )
}

const Scope = ({ scope, words }: { readonly scope: string; readonly words: string }) => (
  <>
    <dt>
      <code>{scope}</code>
    </dt>
    <dd>{words}</dd>
  </>
)

import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { ask, doneOf } from '../api/ask.ts'
import { graphql } from '../graphql.ts'
import { Action } from '../part/action.tsx'
import { At } from '../part/shown.tsx'

const LOCK = graphql(`
  mutation LockWallet {
    lockWallet {
      __typename
      ... on WalletLock { locked }
      ... on Problem { code message culprit next }
    }
  }
`)

const UNLOCK = graphql(`
  mutation UnlockWallet($password: String!, $forMs: Int!) {
    unlockWallet(password: $password, forMs: $forMs) {
      __typename
      ... on WalletLock { locked }
      ... on Problem { code message culprit next }
    }
  }
`)

const MINUTES = [5, 15, 60, 480] as const

type Given = {
  readonly of: { readonly locked: boolean; readonly unlockedUntil: string | null }
  /** The node's clock. */
  readonly now: string
  /** Asks anew: the lock is in no log that a feed could tell of. */
  again(): void
}

/** Whether coins are spent on request. Leases that run go on either way. */
export const Lock = ({ of, now, again }: Given) => {
  const password = useSignal('')
  const minutes = useSignal<number>(MINUTES[0])
  const until = of.unlockedUntil
  useEffect(() => {
    if (until === null) return
    const timer = setTimeout(again, Math.max(0, Date.parse(until) - Date.parse(now)) + 100)
    return () => clearTimeout(timer)
  }, [until])
  const unlock = async (): Promise<void> => {
    const given = password.peek()
    password.value = ''
    doneOf((await ask(UNLOCK, { password: given, forMs: minutes.peek() * 60_000 })).unlockWallet)
    again()
  }
  return (
    <section class="card">
      <h2>Lock</h2>
      <p role="status">
        {of.locked ? (
          <>
            <span class="state warn">locked</span> Nothing is spent or signed on request; leases that run go on.
          </>
        ) : (
          <>
            <span class="state good">open</span> Coins can be spent{' '}
            {until === null ? (
              'until it is locked.'
            ) : (
              <>
                until <At of={until} />.
              </>
            )}
          </>
        )}
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          // Enter presses the button, which tells what goes wrong.
          event.currentTarget.querySelector('button')?.click()
        }}
      >
        {of.locked && (
          <>
            <label>
              Password of the keystore
              <input
                type="password"
                autocomplete="current-password"
                value={password}
                onInput={(event) => {
                  password.value = event.currentTarget.value
                }}
              />
            </label>
            <label>
              For
              <select
                value={minutes}
                onChange={(event) => {
                  minutes.value = Number(event.currentTarget.value)
                }}
              >
                {MINUTES.map((one) => (
                  <option key={one} value={one}>
                    {one < 60 ? `${one} minutes` : one === 60 ? 'an hour' : `${one / 60} hours`}
                  </option>
                ))}
              </select>
            </label>
            <Action label="Unlock" run={unlock} />
          </>
        )}
      </form>
      {!of.locked && (
        <Action
          label="Lock now"
          isQuiet
          run={async () => {
            doneOf((await ask(LOCK, {})).lockWallet)
            again()
          }}
        />
      )}
    </section>
  )
}

import { useSignal } from '@preact/signals'
import { signedOutBy, signIn } from './api/token.ts'
import { Copied } from './part/copied.tsx'
import { Told } from './part/told.tsx'

/** What is shown to whom the node does not know. */
export const SignIn = () => {
  const given = useSignal('')
  const remember = useSignal(false)
  const submit = (event: Event): void => {
    event.preventDefault()
    if (given.value.trim() !== '') signIn(given.value, remember.value)
  }
  return (
    <section class="card narrow">
      <h1>Who are you?</h1>
      {signedOutBy.value && <Told told={signedOutBy.value} />}
      <p>This node opens for its owner. On its machine, run</p>
      <Copied text="zennet dashboard" />
      <p>
        and open the address that it prints. Or paste the token, which is in api-token in the node’s data directory:
      </p>
      <form onSubmit={submit}>
        <label>
          Token
          <input
            type="password"
            autocomplete="off"
            spellcheck={false}
            value={given}
            onInput={(event) => {
              given.value = event.currentTarget.value
            }}
          />
        </label>
        <label class="choice">
          <input
            type="checkbox"
            checked={remember}
            onChange={(event) => {
              remember.value = event.currentTarget.checked
            }}
          />
          Remember it in this browser, not only in this tab
        </label>
        <button type="submit">Open</button>
      </form>
    </section>
  )
}

import { useSignal } from '@preact/signals'
import { Fault, unreachable } from '../api/fault.ts'
import { go } from '../route.ts'
import { find } from './find.ts'

/** Its id: the `/` key goes to it from anywhere. */
export const SEARCH_ID = 'search'

/** Goes to the page of what is typed: a height, a block, a transaction, an address, an announcement, a lease, a key. */
export const SearchBox = () => {
  const wrong = useSignal('')
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const input = (event.currentTarget as HTMLFormElement).querySelector('input')!
    if (input.value.trim() === '') return
    wrong.value = ''
    try {
      go(await find(input.value))
      input.value = ''
      document.getElementById('main')?.focus()
    } catch (error) {
      const { message, next } = error instanceof Fault ? error : unreachable()
      wrong.value = `${message} ${next}`
    }
  }
  return (
    <search class="search">
      <form onSubmit={submit}>
        <input
          id={SEARCH_ID}
          type="search"
          aria-label="Find a block, transaction, address, lease or key"
          aria-describedby="search-wrong"
          aria-keyshortcuts="/"
          placeholder="Find… ( / )"
          autocomplete="off"
          spellcheck={false}
          onInput={() => {
            wrong.value = ''
          }}
        />
        <p id="search-wrong" class="wrong" role="status">
          {wrong}
        </p>
      </form>
    </search>
  )
}

import { signal } from '@preact/signals'
import type { Told } from './fault.ts'

/** Under which name the browser keeps the token: for this tab, or, when the person says so, for this browser. */
const NAME = 'zennet-token'

/** Storage can be turned off: then the token lives as long as the page. */
const stored = (storage: () => Storage): string | null => {
  try {
    return storage().getItem(NAME)
  } catch {
    return null
  }
}

/**
 * `zennet dashboard` prints an address that ends in `#token=…`. What stands behind # is not sent to any server and is taken out of the
 * address line, so that neither logs nor screenshots nor the history of the browser have it.
 */
const fromAddress = (): string | null => {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token !== null) history.replaceState(null, '', location.pathname + location.search)
  return token
}

/** The API's bearer token; null: nobody is signed in here. */
export const token = signal<string | null>(null)

export const signIn = (given: string, remember = false): void => {
  token.value = given.trim()
  try {
    ;(remember ? localStorage : sessionStorage).setItem(NAME, token.value)
  } catch {
    // Not kept: it is asked for again after a reload.
  }
}

/** Why nobody is signed in any more; undefined: nobody was. */
export const signedOutBy = signal<Told | undefined>(undefined)

/** The node refused a token. Another one, which was given since or is kept besides, stays. */
export const signOut = (refused: string | null, why: Told): void => {
  if (token.peek() === refused) {
    signedOutBy.value = why
    token.value = null
  }
  for (const storage of [() => sessionStorage, () => localStorage])
    try {
      if (storage().getItem(NAME) === refused) storage().removeItem(NAME)
    } catch {
      // Nothing was kept either.
    }
}

/** Called once, before anything is asked. An address with another token may be opened in the same page later. */
export const readToken = (): void => {
  const given = fromAddress()
  if (given !== null) signIn(given)
  else token.value = stored(() => sessionStorage) ?? stored(() => localStorage)
  addEventListener('hashchange', () => {
    const next = fromAddress()
    if (next !== null) signIn(next)
  })
}

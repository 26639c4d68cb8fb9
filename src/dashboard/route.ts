import { computed, signal } from '@preact/signals'

/** Path and search of the address line. */
const place = signal({ path: location.pathname, search: location.search })

export const path = computed(() => place.value.path)

/** What stands in the address line behind `?`: filters and the like, so that a screen can be linked to as it is. */
export const parameters = computed(() => new URLSearchParams(place.value.search))

const read = (): void => {
  place.value = { path: location.pathname, search: location.search }
}

export const go = (to: string): void => {
  history.pushState(null, '', to)
  read()
  scrollTo(0, 0)
}

/** Goes on elsewhere, and leaves no way back to here. */
export const replace = (to: string): void => {
  history.replaceState(null, '', to)
  read()
}

/** Changes parameters in place; an empty text takes one away. */
export const setParameters = (changes: Readonly<Record<string, string>>): void => {
  const next = new URLSearchParams(location.search)
  for (const [name, value] of Object.entries(changes)) value === '' ? next.delete(name) : next.set(name, value)
  const search = next.toString()
  history.replaceState(null, '', location.pathname + (search === '' ? '' : `?${search}`))
  read()
}

/** Links of our own pages do not load the page anew; those that open elsewhere, or with a key held down, are the browser's. */
export const followLinks = (): void => {
  addEventListener('popstate', read)
  addEventListener('click', (event) => {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.ctrlKey ||
      event.metaKey ||
      event.shiftKey ||
      event.altKey
    )
      return
    const link = (event.target as Element | null)?.closest?.('a')
    if (!link || link.origin !== location.origin || link.target || link.hasAttribute('download')) return
    if (link.hasAttribute('data-server') || link.getAttribute('href')?.startsWith('#')) return
    event.preventDefault()
    go(link.pathname + link.search)
  })
}

/** What a key does: goes to a path, to the search box, or shows the list of keys. */
export type Shortcut = { readonly go: string } | 'search' | 'list'

/** How long the second key of two may take, ms. */
const SECOND_KEY_MS = 1_500

const TYPED_IN = 'input, textarea, select, [contenteditable], [role="textbox"], dialog[open], .xterm'

type Key = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'defaultPrevented' | 'timeStamp'>

/**
 * Reads keys one by one. Nothing that is typed into a field is a shortcut, nor is anything with Ctrl, Alt or Meta, which are the
 * browser's.
 *
 * @param goes the path that a key behind `g` leads to
 */
export const shortcutReader = (goes: (key: string) => string | undefined) => {
  let firstAt = Number.NEGATIVE_INFINITY
  return ({ key, ctrlKey, metaKey, altKey, defaultPrevented, timeStamp }: Key, isTyping: boolean) => {
    const isSecond = timeStamp - firstAt < SECOND_KEY_MS
    firstAt = Number.NEGATIVE_INFINITY
    if (isTyping || ctrlKey || metaKey || altKey || defaultPrevented) return undefined
    if (isSecond) {
      const to = goes(key)
      return to === undefined ? undefined : ({ go: to } satisfies Shortcut)
    }
    if (key === 'g') firstAt = timeStamp
    return key === '/' ? 'search' : key === '?' ? 'list' : undefined
  }
}

/** Tells of each shortcut that is pressed. @returns ends it */
export const listen = (goes: (key: string) => string | undefined, pressed: (what: Shortcut) => void): (() => void) => {
  const read = shortcutReader(goes)
  const onKey = (event: KeyboardEvent): void => {
    const at = event.target
    const what = read(event, at instanceof Element && at.closest(TYPED_IN) !== null)
    if (what === undefined) return
    event.preventDefault()
    pressed(what)
  }
  addEventListener('keydown', onKey)
  return () => removeEventListener('keydown', onKey)
}

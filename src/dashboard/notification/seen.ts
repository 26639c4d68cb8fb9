import { signal } from '@preact/signals'

/** Under which name this browser keeps up to which position of the log notifications were seen. */
const NAME = 'zennet-seen'

const stored = (): number => {
  try {
    const at = Number(localStorage.getItem(NAME))
    return Number.isSafeInteger(at) && at > 0 ? at : 0
  } catch {
    return 0
  }
}

/** Up to which position the rows were that were seen last. Of a log that was begun anew it may be beyond the end. */
export const seenPosition = signal(stored())

export const markSeen = (position: number): void => {
  if (position === seenPosition.peek()) return
  seenPosition.value = position
  try {
    localStorage.setItem(NAME, String(position))
  } catch {
    // It counts for as long as the page is open.
  }
}

/** How many of these are new. @param head position of the log's end; what was seen beyond it was of another log */
export const unseenOf = (positions: readonly number[], seen: number, head: number): number =>
  positions.filter((position) => position > (seen > head ? 0 : seen)).length

addEventListener('storage', ({ key }) => {
  if (key === NAME) seenPosition.value = stored()
})

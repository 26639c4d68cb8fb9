import { signal } from '@preact/signals'
import { ask } from '../api/ask.ts'
import { followFeed } from '../api/feed.ts'
import { graphql, type ResultOf } from '../graphql.ts'

/** More than so many are not counted. */
export const MOST_COUNTED = 50

const NEWEST = graphql(`
  # once
  query NewestNotifications {
    status { position }
    notifications(first: 50) {
      edges { node { id position kind severity code sats subjectKind subjectId next } }
    }
  }
`)

export type Newest = ResultOf<typeof NEWEST>['notifications']['edges'][number]['node']

/** The newest notifications, for the count in the top bar; `head`: up to where the log was read. */
export const newest = signal<{ readonly rows: readonly Newest[]; readonly head: number }>({ rows: [], head: 0 })

const AGAIN_MS = 3_000
/** One question for facts that come together. */
const PAUSE_MS = 500

/** Keeps `newest` true. It is no part of a screen: what the screen shows and asks is not told of by it. @returns ends it */
export const followNewest = (): (() => void) => {
  let isOver = false
  let feed: ReturnType<typeof followFeed> | undefined
  let leave: (() => void) | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let head = -1
  const later = (ms: number): void => {
    if (!isOver) timer ??= setTimeout(read, ms)
  }
  const read = async (): Promise<void> => {
    timer = undefined
    try {
      const { notifications, status } = await ask(NEWEST, {})
      if (isOver) return
      head = Number(status.position)
      newest.value = { rows: notifications.edges.map(({ node }) => node), head }
      if (feed === undefined) {
        const joined = followFeed('notification', head)
        const unlisten = joined.position.subscribe((at) => {
          if (at > head) later(PAUSE_MS)
        })
        feed = joined
        leave = () => {
          unlisten()
          joined.leave()
        }
      } else if (feed.position.peek() > head) later(PAUSE_MS)
    } catch {
      // The screen says what is wrong; a count that is old harms nobody.
      later(AGAIN_MS)
    }
  }
  void read()
  return () => {
    isOver = true
    clearTimeout(timer)
    leave?.()
  }
}

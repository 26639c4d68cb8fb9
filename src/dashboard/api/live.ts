import { type ReadonlySignal, signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { type Document, type ResultOf, textOf, type VariablesOf } from '../graphql.ts'
import { ask } from './ask.ts'
import { asked } from './asked.ts'
import { Fault, unreachable } from './fault.ts'
import { type FeedName, followFeed } from './feed.ts'
import { connection } from './socket.ts'

/** Rows are not asked for more often than this, however fast facts come, ms. */
export const LEAST_PAUSE_MS = 250
const AFTER_A_FAULT_MS = 2_000

/** The newest log position that the page shows: tests wait for it, and so may people. */
export const shownPosition = signal(0)

/** What a screen shows. `data` stays while newer data is on its way, and when that fails. */
export type Live<T> = {
  readonly data: ReadonlySignal<T | undefined>
  readonly fault: ReadonlySignal<Fault | undefined>
  /** Asks at once. */
  again(): void
}

/** Every live document says how far the rows were that it was answered from: `status { position }` as its first field. */
type Positioned = { readonly status: { readonly position: string } }

/**
 * The rows of a document, asked again whenever one of `feeds` tells of a fact that they do not contain yet. There is no cache that would
 * have to be kept true: the node's rows are, and each answer says how far it reaches (decision 0036).
 */
export const useLive = <D extends Document>(
  document: D,
  variables: VariablesOf<D>,
  feeds: readonly FeedName[],
): Live<ResultOf<D>> => {
  const key = JSON.stringify([textOf(document), variables, feeds])
  const live = useMemo(() => openLive(document, variables, feeds), [key])
  useEffect(() => live.begin(), [live])
  return live
}

const openLive = <D extends Document>(document: D, variables: VariablesOf<D>, feeds: readonly FeedName[]) => {
  const data = signal<ResultOf<D> | undefined>(undefined)
  const fault = signal<Fault | undefined>(undefined)
  let position = -1
  let isEnded = false
  let isAsking = false
  let isWanted = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let leaves: (() => void)[] = []

  let followed: readonly ReturnType<typeof followFeed>[] = []
  const feedFault = (): Fault | undefined => followed.find((feed) => feed.fault.peek())?.fault.peek()

  const follow = (): void => {
    followed = feeds.map((name) => followFeed(name, position))
    leaves = followed.map((feed) => {
      const unlisten = feed.position.subscribe((at) => {
        if (at > position) want()
      })
      // Rows that no feed renews look live and are not: that is told.
      const unheard = feed.fault.subscribe(() => {
        fault.value = feedFault()
      })
      return () => {
        unlisten()
        unheard()
        feed.leave()
      }
    })
  }
  /** One question at a time; what comes meanwhile is one more afterwards. */
  const want = (): void => {
    isWanted = true
    if (!isAsking && timer === undefined && !isEnded) void run()
  }
  const run = async (): Promise<void> => {
    isAsking = true
    isWanted = false
    let pauseMs = LEAST_PAUSE_MS
    try {
      const answer = await ask(document, variables)
      if (isEnded) return
      data.value = answer
      fault.value = feedFault()
      position = Number((answer as Positioned).status.position)
      if (position > shownPosition.peek()) shownPosition.value = position
      if (leaves.length === 0) follow()
      // The rows may be behind the log that the feeds follow.
      if (followed.some((feed) => feed.position.peek() > position)) isWanted = true
    } catch (error) {
      if (isEnded) return
      fault.value = error instanceof Fault ? error : unreachable()
      isWanted = true
      pauseMs = AFTER_A_FAULT_MS
    } finally {
      isAsking = false
    }
    timer = setTimeout(() => {
      timer = undefined
      if (isWanted) want()
    }, pauseMs)
  }
  const begin = (): (() => void) => {
    isEnded = false
    const unasked = asked(document, variables)
    want()
    // What was missed while the node was away is in the rows.
    let was = connection.peek()
    const unlisten = connection.subscribe((now) => {
      if (now === 'live' && was !== 'live' && position >= 0) want()
      was = now
    })
    return () => {
      isEnded = true
      clearTimeout(timer)
      timer = undefined
      unasked()
      unlisten()
      for (const leave of leaves) leave()
      leaves = []
    }
  }
  return { data, fault, again: want, begin }
}

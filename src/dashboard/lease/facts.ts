import { type ReadonlySignal, signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { parseLeaseFact } from '../../../domain/lease/parse-fact.ts'
import { Fault } from '../api/fault.ts'
import { shownPosition } from '../api/live.ts'
import { subscribe } from '../api/socket.ts'
import { graphql } from '../graphql.ts'
import type { Entry } from './entry.ts'

const FACTS = graphql(`
  subscription LeaseFacts($leaseId: Hex!, $after: Position) {
    item: leaseEvents(leaseId: $leaseId, after: $after) {
      __typename
      ... on LeaseEvent { position version fact }
      ... on CaughtUp { position }
      ... on Lagged { position }
      ... on SnapshotRequired { position }
    }
  }
`)

/** The most facts that a page takes in: a day of a lease that ticks each second is 170,000. */
export const MAX_ENTRIES = 200_000
/** Facts that come together are shown together, ms. */
const TOGETHER_MS = 100
const AGAIN_MS = 2_000

export type Facts = {
  /** The same array grows; a new one each time that something came. */
  readonly entries: ReadonlySignal<readonly Entry[]>
  /** All that was there has come; what comes now is live. */
  readonly isThere: ReadonlySignal<boolean>
  readonly fault: ReadonlySignal<Fault | undefined>
}

/** Every fact of a lease, from the first, and live: what the page folds by itself. */
export const useFacts = (leaseId: string): Facts => {
  const facts = useMemo(() => openFacts(leaseId), [leaseId])
  useEffect(() => facts.begin(), [facts])
  return facts
}

const openFacts = (leaseId: string) => {
  const entries = signal<readonly Entry[]>([])
  const isThere = signal(false)
  const fault = signal<Fault | undefined>(undefined)
  const stored: Entry[] = []
  let position = 0
  let isCaughtUp = false
  let isEnded = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let end = (): void => undefined

  const show = (): void => {
    timer = undefined
    entries.value = stored.slice()
    isThere.value = isCaughtUp
    if (isCaughtUp && position > shownPosition.peek()) shownPosition.value = position
  }
  const stop = (told: Fault): void => {
    fault.value = told
    isEnded = true
    end()
  }
  const take = (version: number, fact: unknown): void => {
    if (version <= (stored.at(-1)?.version ?? 0)) return
    if (stored.length >= MAX_ENTRIES) {
      stop(tooMany)
      return
    }
    try {
      stored.push({ version, fact: parseLeaseFact(fact) })
    } catch (error) {
      stop(unknown(error instanceof Error ? error.message : String(error)))
    }
  }
  const follow = (): void => {
    if (isEnded) return
    end = subscribe(FACTS, () => ({ leaseId, after: String(position) }), {
      next: ({ item }) => {
        fault.value = undefined
        if (item.__typename === 'SnapshotRequired') {
          stop(removed)
          return
        }
        if (item.__typename === 'LeaseEvent') take(item.version, item.fact)
        if (item.__typename === 'CaughtUp') isCaughtUp = true
        position = Math.max(position, Number(item.position))
        timer ??= setTimeout(show, TOGETHER_MS)
      },
      failed: (told) => {
        if (isEnded) return
        fault.value = told
        // What the node calls wrong does not become right by being asked again.
        if (told?.code !== 'api.bad-input') setTimeout(follow, AGAIN_MS)
      },
    })
  }
  const begin = (): (() => void) => {
    isEnded = false
    follow()
    return () => {
      isEnded = true
      clearTimeout(timer)
      timer = undefined
      end()
    }
  }
  return { entries, isThere, fault, begin }
}

const tooMany = new Fault({
  code: 'dashboard.too-many-facts',
  message: `This lease has more than ${MAX_ENTRIES} facts, which is all that the page takes in.`,
  culprit: 'you',
  next: 'Read the rest on a terminal: zennet lease watch.',
})
const removed = new Fault({
  code: 'dashboard.facts-removed',
  message: 'Facts of this lease are not in the node’s log any more.',
  culprit: 'host',
  next: 'What the rows say of it is still true; it cannot be folded again.',
})
const unknown = (why: string): Fault =>
  new Fault({
    code: 'dashboard.unknown-fact',
    message: `The node tells a fact that this page does not know: ${why}.`,
    culprit: 'host',
    next: 'Load the page again: the node may have been replaced by a newer one.',
  })

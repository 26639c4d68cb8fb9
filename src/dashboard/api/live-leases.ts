import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Document, ResultOf, VariablesOf } from '../graphql.ts'
import type { Fault } from './fault.ts'
import type { FeedName } from './feed.ts'
import { useLive } from './live.ts'

/** Leases whose feeds a page follows at a time, beside those that it follows anyway. */
const MOST_LEASES = 12

/**
 * As `useLive`, and follows each lease that the rows name: ticks and payments are told by a lease's own feed alone. What was shown stays
 * while the page comes to follow another.
 */
export const useLiveLeases = <D extends Document>(
  document: D,
  variables: VariablesOf<D>,
  feeds: readonly FeedName[],
  idsOf: (answer: ResultOf<D>) => readonly string[],
): { readonly data: ResultOf<D> | undefined; readonly fault: Fault | undefined } => {
  const ids = useSignal<readonly string[]>([])
  const live = useLive(document, variables, [...feeds, ...ids.value.map((id) => `lease ${id}` as const)])
  const kept = useRef<ResultOf<D> | undefined>(undefined)
  if (live.data.value !== undefined) kept.current = live.data.value
  const named = kept.current === undefined ? [] : idsOf(kept.current).slice(0, MOST_LEASES)
  useEffect(() => {
    ids.value = named
  }, [named.join()])
  return { data: kept.current, fault: live.fault.value }
}

import { useComputed } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { lease } from '../../../../domain/lease/lease.ts'
import { type Facts, useFacts } from '../facts.ts'
import { openReplay } from './replay.ts'

/** A lease's facts, live, and the state after each of them. */
export const useReplayed = (leaseId: string) => {
  const facts: Facts = useFacts(leaseId)
  const replay = useMemo(openReplay, [leaseId])
  const replayed = useComputed(() => {
    const entries = facts.entries.value
    // A copy: the fold goes on in place.
    return { entries, states: entries.length === 0 ? [lease.initial] : replay.statesOf(entries).slice() }
  })
  return { facts, replayed }
}

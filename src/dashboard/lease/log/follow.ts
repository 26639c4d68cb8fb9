import { useComputed } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { IllegalFact } from '../../../../domain/decider.ts'
import { lease } from '../../../../domain/lease/lease.ts'
import { Fault } from '../../api/fault.ts'
import { type Facts, useFacts } from '../facts.ts'
import { openReplay } from './replay.ts'

/** A lease's facts, live, and the state after each of them. */
export const useReplayed = (leaseId: string) => {
  const facts: Facts = useFacts(leaseId)
  const replay = useMemo(openReplay, [leaseId])
  const replayed = useComputed(() => {
    const entries = facts.entries.value
    try {
      // A copy: the fold goes on in place.
      return { entries, states: entries.length === 0 ? [lease.initial] : replay.statesOf(entries).slice() }
    } catch (error) {
      if (error instanceof IllegalFact) return { entries: [], states: [lease.initial], fault: illegal(error.message) }
      throw error
    }
  })
  const fault = useComputed(() => facts.fault.value ?? replayed.value.fault)
  return { facts: { ...facts, fault }, replayed }
}

const illegal = (why: string): Fault =>
  new Fault({
    code: 'dashboard.illegal-fact',
    message: `The node’s log has a fact of this lease that may not follow: ${why}.`,
    culprit: 'host',
    next: 'Stop the node and check its log: zennet journal check FILE.',
  })

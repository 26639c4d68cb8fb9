import { type LeaseState, stageOf } from '../../domain/lease/lease.ts'

/** Failures after which another try makes sense: nobody said no. */
const PASSING: readonly string[] = ['node-restarted', 'peer-unreachable', 'stage-timeout']

/** Over, but another lease may do better. */
export const mayPass = (state: LeaseState): boolean => {
  const { failure, terms } = state.context
  switch (stageOf(state)) {
    case 'failed':
    case 'lapsed':
      return PASSING.includes(failure ?? '')
    case 'refused':
      // This side had agreed and the other does not know of it: a crash between the two signatures. The announcement may be open.
      return failure === 'announcement-closed' && terms !== undefined
    default:
      return false
  }
}

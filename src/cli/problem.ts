import { type Culprit, Fault } from '../../domain/fault.ts'

/** Asked for in every mutation's result. */
export const PROBLEM_FIELDS = '... on Problem { code message culprit next }'

export type ProblemView = {
  readonly __typename: 'Refused' | 'StateConflict'
  readonly code: string
  readonly message: string
  readonly culprit: string
  readonly next: string
}

/** What was done; a problem is thrown as a fault with its code, which says what the program ends with. */
export const doneOrFault = <T extends { readonly __typename: string }>(
  result: T | ProblemView,
): Exclude<T, ProblemView> => {
  if (!isProblem(result)) return result as Exclude<T, ProblemView>
  const { code, message, culprit, next } = result
  throw new Fault(code, message, { culprit: culprit as Culprit | 'you', next })
}

export const isProblem = (result: { readonly __typename: string }): result is ProblemView =>
  result.__typename === 'Refused' || result.__typename === 'StateConflict'

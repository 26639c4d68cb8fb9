import type { Problem } from '../port.ts'
import { isProblem } from '../problem.ts'
import { builder } from './builder.ts'

/** What every result of a mutation may be besides done: ask for it with `... on Problem { code message culprit next }`. */
const ProblemInterface = builder.interfaceRef<Problem>('Problem').implement({
  description: 'Something was not done: what a person needs to act.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'Stable.' }),
    message: t.exposeString('message'),
    culprit: t.exposeString('culprit', { description: '“you”, or who of the market.' }),
    next: t.exposeString('next', { description: 'What to do now.' }),
  }),
})

export const RefusedType = builder.objectRef<Problem>('Refused').implement({
  description: 'The rules say no, or the request is not right.',
  interfaces: [ProblemInterface],
})

type Conflict = NonNullable<Problem['conflict']>
const conflictOf = (problem: Problem): Conflict => problem.conflict ?? { state: '', accepts: [] }

const StateConflictType = builder.objectRef<Problem>('StateConflict').implement({
  description: 'It comes too early or too late: what it is about is in another state.',
  interfaces: [ProblemInterface],
  fields: (t) => ({
    state: t.string({ description: 'In which it is now.', resolve: (problem) => conflictOf(problem).state }),
    accepts: t.stringList({
      description: 'Types of the facts that may follow now; none when it is over.',
      resolve: (problem) => [...conflictOf(problem).accepts],
    }),
  }),
})

type Ref<Shape> = ReturnType<ReturnType<typeof builder.objectRef<Shape>>['implement']>

/** The result of a mutation: done, or a problem. */
export const resultType = <Success extends object>(name: string, success: Ref<Success>) =>
  builder.unionType(name, {
    types: [success, RefusedType, StateConflictType] as Ref<Success | Problem>[],
    resolveType: (value) => (!isProblem(value) ? success.name : value.conflict ? 'StateConflict' : 'Refused'),
  })

import { type Document, type ResultOf, textOf, type VariablesOf } from '../graphql.ts'
import { Fault, faultOf, type Told, unreachable } from './fault.ts'
import { signOut, token } from './token.ts'

type Answer = {
  readonly data?: unknown
  readonly errors?: readonly { readonly message: string; readonly extensions?: Record<string, unknown> }[]
}

/** Longer than the server's own deadline, ms. */
const TIMEOUT_MS = 40_000

/**
 * Asks the node: a query or a mutation.
 * @throws Fault `api.unreachable`, `api.unauthorized`, or the code of the answer's first error
 */
export const ask = async <D extends Document>(document: D, variables: VariablesOf<D>): Promise<ResultOf<D>> => {
  const shown = token.value
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { authorization: `Bearer ${shown ?? ''}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query: textOf(document), variables }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => {
    throw unreachable()
  })
  const answer = (await response.json().catch(() => {
    throw unreachable()
  })) as Answer
  const [error] = answer.errors ?? []
  if (error !== undefined) {
    const fault = faultOf(error)
    if (fault.code === 'api.unauthorized') signOut(shown, fault)
    throw fault
  }
  return answer.data as ResultOf<D>
}

/** A mutation's answer: what was done, or why not. */
type Outcome = { readonly __typename: string }

/** @returns what a mutation did @throws Fault with the code of its Problem */
export const doneOf = <T extends Outcome>(outcome: T): Exclude<T, { readonly code: string }> => {
  if ('code' in outcome) throw new Fault(outcome as unknown as Told)
  return outcome as Exclude<T, { readonly code: string }>
}

import { doneOf } from './ask.ts'

/** Keys of requests that were sent and not answered, by what was asked for. */
const unanswered = new Map<string, string>()

type Outcome = { readonly __typename: string }

/**
 * Sends a request so that it is done once however often it is tried. When no answer comes it may still have been done: the key is kept for
 * the same request, also when its screen was left meanwhile, until the node says that it is done or why not.
 *
 * @param operation what is asked for, with what tells it from others
 * @throws Fault by the code of the Problem, or that there was no answer
 */
export const oncePer = async <T extends Outcome>(
  operation: string,
  input: object,
  send: (idempotencyKey: string) => Promise<T>,
): Promise<Exclude<T, { readonly code: string }>> => {
  const request = JSON.stringify([operation, input])
  const key = unanswered.get(request) ?? crypto.randomUUID()
  unanswered.set(request, key)
  const outcome = await send(key)
  unanswered.delete(request)
  return doneOf(outcome)
}

import { z } from 'zod'
import { once } from '../idempotency.ts'
import type { Problem } from '../port.ts'
import { problemOf } from '../problem.ts'
import { explain } from '../rent-request.ts'
import type { ApiContext } from './context.ts'

const Key = z.string().min(1).max(100)

/** What every mutation does: its key is checked, and with the same key the command is done once. */
export const command = async <T extends object>(
  context: ApiContext,
  operation: string,
  input: { readonly idempotencyKey: string },
  run: () => Promise<T | Problem>,
): Promise<T | Problem> => {
  const key = Key.safeParse(input.idempotencyKey)
  if (!key.success) return problemOf('api.bad-input', `idempotencyKey: ${explain(key.error)}`)
  const { principal } = context
  const who = principal.kind === 'session' ? principal.key : principal.kind
  return once(context, { who, operation, idempotencyKey: key.data, input }, run)
}

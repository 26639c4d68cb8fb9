import { Kind, parse } from 'graphql'

/** What may be asked without a token. Introspection is not: whoever has no key learns nothing. */
const FIELDS: ReadonlySet<string> = new Set(['createSessionChallenge', 'createSession'])
const MAX_TOKENS = 200

/** Whether the body of a request does nothing but sign in. */
export const isSignIn = (body: unknown): boolean => {
  const query = (body as { readonly query?: unknown } | null)?.query
  // Most requests without a token are mistakes: they are not worth a parse.
  if (typeof query !== 'string' || !query.includes('createSession')) return false
  try {
    const { definitions } = parse(query, { maxTokens: MAX_TOKENS, noLocation: true })
    const [operation] = definitions
    if (definitions.length !== 1 || operation?.kind !== Kind.OPERATION_DEFINITION) return false
    const [field, ...others] = operation.selectionSet.selections
    return others.length === 0 && field?.kind === Kind.FIELD && FIELDS.has(field.name.value)
  } catch {
    return false
  }
}

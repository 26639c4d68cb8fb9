import type { ApiContext } from './context.ts'

/** What is the same for all rows of one answer, made when the first of them asks: lists ask for it with each of their rows. */
export const perRequest = <T>(make: (context: ApiContext) => T): ((context: ApiContext) => T) => {
  const made = new WeakMap<ApiContext, { readonly value: T }>()
  return (context) => {
    const known = made.get(context) ?? { value: make(context) }
    made.set(context, known)
    return known.value
  }
}

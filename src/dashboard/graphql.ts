import type { initGraphQLTada, ResultOf, VariablesOf } from 'gql.tada'
import type { introspection } from '../../.cache/dashboard/introspection.d.ts'

/**
 * What the schema's own scalars are on the wire. `JSON` is whatever a fact or a receipt holds: who uses it checks it.
 */
type Setup = {
  introspection: introspection
  disableMasking: true
  scalars: {
    Amount: string
    Position: string
    DateTime: string
    Hex: string
    PublicKey: string
    Signature: string
    Duration: string
    JSON: unknown
  }
}

type Tada = ReturnType<typeof initGraphQLTada<Setup>>

/** A document and the fragments that it names, each once. */
type Parts = { readonly parts: readonly string[] }

/**
 * A GraphQL document, typed by schema.graphql: `ResultOf<typeof DOCUMENT>` is what it answers with. Types come from gql.tada, and
 * nothing of it is left at run time: a document is its text, and nobody parses it in the browser. That each is valid is tested.
 */
export const graphql = ((text: string, fragments: readonly Parts[] = []): Parts => ({
  parts: [...new Set([text, ...fragments.flatMap(({ parts }) => parts)])],
})) as unknown as Tada

/** Any document; its type says what is asked and answered. */
export type Document = Parameters<typeof textOf>[0]

export const textOf = (document: object): string =>
  (document as Parts).parts.map((part) => part.trim().replace(/\n\s+/g, '\n  ')).join('\n')

export type { ResultOf, VariablesOf }

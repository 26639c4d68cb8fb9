import { BREAK, type DocumentNode, type ExecutionResult, GraphQLError, Kind, visit } from 'graphql'
import { compileQuery, isCompiledQuery } from 'graphql-jit'
import type { ApiContext } from '../schema/context.ts'
import type { Graphql } from '../yoga.ts'

/** Compiled queries that are kept; the one that was not asked for longest goes first. */
export const MAX_COMPILED = 200
/** Documents of which it is remembered that they were asked once. */
export const MAX_SEEN = 1_000
/** Longer documents are not compiled. */
export const MAX_HOT_CHARS = 8_192

export type CompiledQuery = (
  context: ApiContext,
  variables: Readonly<Record<string, unknown>>,
) => ExecutionResult | Promise<ExecutionResult>

/**
 * Queries that were asked before, compiled. A document is compiled when it comes a second time, after Yoga's own pipeline has parsed
 * and validated it: the same limits and the same rules. What is no query, or cannot be compiled, is remembered as that.
 */
export class CompiledQueries {
  readonly #graphql: Graphql
  readonly #compiled = new Map<string, CompiledQuery | undefined>()
  readonly #seen = new Set<string>()

  constructor(graphql: Graphql) {
    this.#graphql = graphql
  }

  /** Undefined: let Yoga answer. */
  find(query: string, operationName: string | undefined): CompiledQuery | undefined {
    // No document that can be parsed has a NUL in it.
    const key = operationName === undefined ? query : `${operationName}\0${query}`
    if (key.length > MAX_HOT_CHARS) return undefined
    const known = this.#compiled.get(key)
    if (known !== undefined || this.#compiled.has(key)) {
      this.#compiled.delete(key)
      this.#compiled.set(key, known)
      return known
    }
    if (!this.#seen.delete(key)) {
      this.#seen.add(key)
      dropOldest(this.#seen, MAX_SEEN)
      return undefined
    }
    const made = this.#compile(query, operationName)
    this.#compiled.set(key, made)
    dropOldest(this.#compiled, MAX_COMPILED)
    return made
  }

  #compile(query: string, operationName: string | undefined): CompiledQuery | undefined {
    const engine = this.#graphql.getEnveloped({})
    try {
      const document: DocumentNode = engine.parse(query)
      if (engine.validate(engine.schema, document).length > 0 || !isQuery(document, operationName)) return undefined
      if (hasDirective(document)) return undefined
      const compiled = compileQuery(engine.schema, document, operationName)
      return isCompiledQuery(compiled) ? (context, variables) => compiled.query({}, context, variables) : undefined
    } catch (cause) {
      if (cause instanceof GraphQLError) return undefined
      throw cause
    }
  }
}

/** Whether the operation that is asked for is a query: mutations act, and of subscriptions graphql-jit loses the arguments. */
const isQuery = ({ definitions }: DocumentNode, operationName: string | undefined): boolean => {
  const operations = definitions.filter((it) => it.kind === Kind.OPERATION_DEFINITION)
  const asked = operations.filter(({ name }) => operationName === undefined || name?.value === operationName)
  return asked.length === 1 && asked[0]?.operation === 'query'
}

/** graphql-jit answers the same, but not always in the same order, where a field that is left out once is asked for again. */
const hasDirective = (document: DocumentNode): boolean => {
  let found = false
  visit(document, {
    Directive() {
      found = true
      return BREAK
    },
  })
  return found
}

const dropOldest = (kept: Map<string, unknown> | Set<string>, most: number): void => {
  if (kept.size <= most) return
  for (const oldest of kept.keys()) {
    kept.delete(oldest)
    return
  }
}

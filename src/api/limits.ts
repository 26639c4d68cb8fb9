import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationRule,
  valueFromASTUntyped,
} from 'graphql'
import { DEFAULT_FIRST, MAX_FIRST } from './schema/connection.ts'
import { DEFAULT_POINTS, MAX_POINTS } from './ticks.ts'

/** A request's body, bytes. */
export const MAX_BODY_BYTES = 102_400
/** A message on a WebSocket, bytes. */
export const MAX_SOCKET_MESSAGE_BYTES = 65_536
export const MAX_TOKENS = 1_000
export const MAX_DEPTH = 10
export const MAX_ALIASES = 15
export const MAX_DIRECTIVES = 5
/** Fields that an answer may have, by its `first` and `points` arguments (a variable counts as the largest). */
export const MAX_COST = 200_000
/** Subscriptions on one WebSocket. */
export const MAX_SOCKET_SUBSCRIPTIONS = 20
/** WebSockets of one session's key at a time; the owner's are not counted. */
export const MAX_SESSION_SOCKETS = 20
/** WebSockets of one remote address that have not yet said who they are. */
export const MAX_UNKNOWN_SOCKETS = 100
/** Terminals of the owner, or of one session's key, at a time. */
export const MAX_TERMINALS = 16
/** How long a query or mutation may execute, ms. */
export const EXECUTION_DEADLINE_MS = 30_000
/** How long a WebSocket may wait before it says who it is, ms. */
export const SOCKET_INIT_MS = 3_000

/** Fields that the answer to a document may have: what it is paid for by. */
export const costOf = (document: DocumentNode): number => {
  const measure = measurer(fragmentsOf(document))
  return document.definitions.reduce(
    (sum, it) => (it.kind === Kind.OPERATION_DEFINITION ? sum + measure(it.selectionSet).cost : sum),
    0,
  )
}

const fragmentsOf = (document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> =>
  new Map(
    document.definitions.flatMap((it) => (it.kind === Kind.FRAGMENT_DEFINITION ? [[it.name.value, it] as const] : [])),
  )

type Measure = { readonly depth: number; readonly cost: number }
const NOTHING: Measure = { depth: 0, cost: 0 }

/** Refuses documents that would cost too much before a field of them is resolved. */
export const limitsRule: ValidationRule = (context) => ({
  Document(document) {
    const { aliases, directives } = syntaxOf(document)
    const measure = measurer(fragmentsOf(document))
    let depth = 0
    let cost = 0
    for (const definition of document.definitions) {
      if (definition.kind !== Kind.OPERATION_DEFINITION) continue
      const found = measure(definition.selectionSet)
      depth = Math.max(depth, found.depth)
      cost += found.cost
    }
    const refuse = (what: string, is: number, most: number): void => {
      if (is > most)
        context.reportError(
          new GraphQLError(`the document has ${what} ${is}: expected at most ${most}`, {
            extensions: { code: 'api.too-complex' },
          }),
        )
    }
    refuse('aliases', aliases, MAX_ALIASES)
    refuse('directives', directives, MAX_DIRECTIVES)
    refuse('depth', depth, MAX_DEPTH)
    refuse('cost', cost, MAX_COST)
  },
})

/** Aliases and directives as they are written; a fragment's are counted once, and its cost wherever it is spread. */
const syntaxOf = (document: DocumentNode): { aliases: number; directives: number } => {
  let aliases = 0
  let directives = 0
  const walk = (set: SelectionSetNode | undefined): void => {
    for (const selection of set?.selections ?? []) {
      directives += selection.directives?.length ?? 0
      if (selection.kind === Kind.FIELD && selection.alias !== undefined) aliases++
      if (selection.kind !== Kind.FRAGMENT_SPREAD) walk(selection.selectionSet)
    }
  }
  for (const definition of document.definitions) if ('selectionSet' in definition) walk(definition.selectionSet)
  return { aliases, directives }
}

/** Depth and cost of a selection. Each fragment is measured once: spreads of spreads would double at every level. */
const measurer = (fragments: ReadonlyMap<string, FragmentDefinitionNode>) => {
  const known = new Map<string, Measure>()
  const measure = (set: SelectionSetNode): Measure => {
    let depth = 0
    let cost = 0
    for (const selection of set.selections) {
      const found = measureOne(selection)
      depth = Math.max(depth, found.depth)
      cost += found.cost
    }
    return { depth, cost: Math.min(cost, Number.MAX_SAFE_INTEGER) }
  }
  const measureOne = (selection: SelectionSetNode['selections'][number]): Measure => {
    switch (selection.kind) {
      case Kind.INLINE_FRAGMENT:
        return measure(selection.selectionSet)
      case Kind.FRAGMENT_SPREAD:
        return measureFragment(selection.name.value)
      case Kind.FIELD: {
        // Introspection has a limit of its own, MaxIntrospectionDepthRule, and is deeper than any query needs to be.
        if (selection.name.value.startsWith('__')) return { depth: 1, cost: 1 }
        const inner = selection.selectionSet === undefined ? NOTHING : measure(selection.selectionSet)
        return { depth: inner.depth + 1, cost: 1 + inner.cost * timesOf(selection) }
      }
    }
  }
  const measureFragment = (name: string): Measure => {
    const before = known.get(name)
    if (before !== undefined) return before
    // A cycle, which another rule refuses, ends here.
    known.set(name, NOTHING)
    const fragment = fragments.get(name)
    const found = fragment === undefined ? NOTHING : measure(fragment.selectionSet)
    known.set(name, found)
    return found
  }
  return measure
}

type FieldNode = Extract<SelectionSetNode['selections'][number], { kind: Kind.FIELD }>

/** Arguments that say how many there are of what a field selects, and the most that they may be. */
const SIZES: ReadonlyMap<string, number> = new Map([
  ['first', MAX_FIRST],
  ['points', MAX_POINTS],
])

const timesOf = (field: FieldNode): number => {
  for (const argument of field.arguments ?? []) {
    const most = SIZES.get(argument.name.value)
    if (most === undefined) continue
    const value = valueFromASTUntyped(argument.value)
    return typeof value === 'number' ? Math.min(Math.max(value, 1), most) : most
  }
  if (field.name.value === 'usageHistory') return DEFAULT_POINTS
  const isConnection = field.selectionSet?.selections.some((it) => it.kind === Kind.FIELD && it.name.value === 'edges')
  return isConnection === true ? DEFAULT_FIRST : 1
}

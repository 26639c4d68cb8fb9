import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  executeSubscriptionEvent,
  Kind,
  mapSourceToResponseEvent,
  validateSubscriptionArgs,
  visit,
} from 'graphql'
import type { Told } from '../follow.ts'
import { type Mask, requestScope } from '../mask.ts'
import type { ApiContext } from '../schema/context.ts'
import { sessionOver } from '../session/guard.ts'
import { LogSource } from './log-source.ts'

/** A subscription that follows the log, as far as it is the same for all who ask it. */
export type Question = {
  /** The same for the same document, variables (but for where each begins) and session. */
  readonly key: string
  readonly source: LogSource
  readonly context: ApiContext
  readonly mask: Mask
  /** @throws GraphQLError `api.session-over` */
  check(): void
  /** What this comes to: a GraphQL result, as JSON. Errors in it are masked. */
  answer(told: Told): Promise<string>
}

export type Asked = ExecutionArgs & {
  readonly contextValue: ApiContext
  /** The document as it came. */
  readonly text: string
  readonly requestId: string
  readonly mask: Mask
}

/**
 * Subscribes: guards and arguments are judged for each who asks.
 * @returns the question; for a subscription that does not follow the log its results; or why there is none
 */
export const askedOf = async (
  asked: Asked,
): Promise<Question | AsyncGenerator<ExecutionResult, void, void> | ExecutionResult> => {
  const { contextValue: context, requestId, mask } = asked
  const masked = (result: ExecutionResult): ExecutionResult =>
    result.errors === undefined ? result : { ...result, errors: result.errors.map((error) => mask(error) as never) }
  const inScope = <T>(run: () => T): T => requestScope.run(requestId, run)

  const args = validateSubscriptionArgs(asked)
  if (!('schema' in args)) return { errors: args }
  const source = await inScope(() => createSourceEventStream(args))
  if (!(Symbol.asyncIterator in source)) return inScope(() => masked(source))
  // Each answer has a context of its own: what one of them made once, the next may not take for what is so now.
  const execute = (rootValue: unknown): Promise<ExecutionResult> =>
    inScope(async () => masked(await executeSubscriptionEvent({ ...args, contextValue: { ...context }, rootValue })))
  if (!(source instanceof LogSource))
    return mapSourceToResponseEvent(args, source, ({ rootValue }) => execute(rootValue))

  return {
    key: keyOf(asked),
    source,
    context,
    mask: (error) => inScope(() => mask(error)),
    check: () => {
      if (!context.sessions.isLive(context.principal)) throw sessionOver()
    },
    answer: async (told) => JSON.stringify(await execute(told)),
  }
}

const keyOf = ({ text, document, operationName, variableValues, contextValue: { principal } }: Asked): string => {
  const begin = beginVariable(document)
  const same = Object.entries(variableValues ?? {}).filter(([name]) => name !== begin)
  const scope = principal.kind === 'session' ? principal.id : principal.kind
  return JSON.stringify([scope, operationName ?? null, text, same])
}

/** The variable that says where a subscriber begins; undefined when something else depends on it too. */
const beginVariable = (document: DocumentNode): string | undefined => {
  const uses = new Map<string, number>()
  let begin: string | undefined
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name }) => void uses.set(name.value, (uses.get(name.value) ?? 0) + 1),
    OperationDefinition: ({ selectionSet: { selections } }) => {
      const [root] = selections
      const after = root?.kind === Kind.FIELD ? root.arguments?.find(({ name }) => name.value === 'after') : undefined
      if (after?.value.kind === Kind.VARIABLE) begin = after.value.name.value
    },
  })
  return begin !== undefined && uses.get(begin) === 1 ? begin : undefined
}

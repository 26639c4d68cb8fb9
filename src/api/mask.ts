import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import { GraphQLError } from 'graphql'
import type { Logger } from 'pino'
import { Fault } from '../../domain/fault.ts'

/** The id of the request that is being answered: told to the asker with an error, and written with it in the log. */
export const requestScope = new AsyncLocalStorage<string>()

/** What an asker sees of an error. */
export type Mask = (error: unknown) => Error

/**
 * What an asker sees of an error. What the API itself refuses (bad input, limits) goes out as it is; anything else is a fault or a
 * bug: its code and the request's id go out, and the whole of it goes to the log.
 */
export const masker =
  (log: Logger): Mask =>
  (error) => {
    if (error instanceof GraphQLError && isOurs(error)) return error
    const requestId = requestScope.getStore() ?? randomUUID()
    const cause = causeOf(error)
    log.error({ err: cause, requestId }, 'a request failed')
    const fault = cause instanceof Fault ? cause : undefined
    const message = `the node could not do this; its log says why, under request ${requestId}`
    const extensions = {
      code: fault?.code ?? 'api.internal',
      requestId,
      ...(fault === undefined ? {} : { culprit: fault.culprit, next: fault.next }),
    }
    return error instanceof GraphQLError
      ? new GraphQLError(message, { nodes: error.nodes, path: error.path, extensions })
      : new GraphQLError(message, { extensions })
  }

const isOurs = (error: GraphQLError): boolean =>
  error.originalError == null || (error.originalError instanceof GraphQLError && isOurs(error.originalError))

/** What was thrown, without the GraphQL errors that the executor wraps around it. */
const causeOf = (error: unknown): unknown =>
  error instanceof GraphQLError && error.originalError != null ? causeOf(error.originalError) : error

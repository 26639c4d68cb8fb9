import { GraphQLError } from 'graphql'
import { EXECUTION_DEADLINE_MS } from './limits.ts'

/**
 * What `work` gives, if it does so in time.
 * @throws GraphQLError `api.deadline` after `EXECUTION_DEADLINE_MS`
 */
export const withDeadline = async <T>(work: Promise<T>): Promise<T> => {
  const deadline = Promise.withResolvers<never>()
  const timer = setTimeout(() => deadline.reject(late()), EXECUTION_DEADLINE_MS)
  try {
    return await Promise.race([work, deadline.promise])
  } finally {
    clearTimeout(timer)
  }
}

const late = (): GraphQLError =>
  new GraphQLError(`not done within ${EXECUTION_DEADLINE_MS} ms`, {
    extensions: {
      code: 'api.deadline',
      next: 'It may still be done: look, or send it again with the same idempotencyKey.',
    },
  })

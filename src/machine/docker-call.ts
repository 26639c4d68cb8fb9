import { Fault } from '../../domain/fault.ts'
import { DOCKER_CALL_LIMIT_MS } from './limits.ts'
import { within } from './within.ts'

/** The HTTP status of an answer of the daemon that says no, or undefined when it did not answer. */
export const statusOf = (error: unknown): number | undefined =>
  typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined

/** Not to be reached at all, as opposed to an answer that says no. */
const UNREACHABLE = ['ECONNREFUSED', 'ENOENT', 'EACCES', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH']

/** What Docker threw, as a fault of the machine port. */
export const dockerFault = (error: unknown, what: string): Fault => {
  if (error instanceof Fault) return error
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  if (statusOf(error) === undefined && code !== undefined && UNREACHABLE.includes(code))
    return new Fault('machine.unavailable', `Docker cannot be reached (${code}) to ${what}`, {
      culprit: 'provider',
      next: 'Start Docker, let this user reach its socket, or set DOCKER_HOST.',
      cause: error,
    })
  return new Fault('machine.refused', `Docker refused to ${what}: ${error instanceof Error ? error.message : error}`, {
    culprit: 'provider',
    next: 'The daemon says why; `zennet doctor` tries a machine.',
    cause: error,
  })
}

/** One call to Docker, with a limit. @throws Fault `machine.unavailable`, `machine.refused` */
export const call = async <T>(what: string, work: Promise<T>, limitMs = DOCKER_CALL_LIMIT_MS): Promise<T> => {
  try {
    return await within(limitMs, `Docker: ${what}`, work)
  } catch (error) {
    throw dockerFault(error, what)
  }
}

/** The same, where `absent` (by default: 404) is an answer and not a fault. */
export const callUnless = async <T>(
  what: string,
  work: Promise<T>,
  absent: readonly number[] = [404],
): Promise<T | undefined> => {
  try {
    return await within(DOCKER_CALL_LIMIT_MS, `Docker: ${what}`, work)
  } catch (error) {
    const status = statusOf(error)
    if (status !== undefined && absent.includes(status)) return undefined
    throw dockerFault(error, what)
  }
}

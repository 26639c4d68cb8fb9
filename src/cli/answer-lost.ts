import { Fault } from '../../domain/fault.ts'

const LOST: ReadonlySet<string> = new Set(['api.timeout', 'api.deadline', 'api.unreachable'])

/** What was asked for may be done all the same: only the answer did not come. */
export const isAnswerLost = (error: unknown): error is Fault => error instanceof Fault && LOST.has(error.code)

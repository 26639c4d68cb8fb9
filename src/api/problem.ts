import type { Problem } from './port.ts'

/** A problem that the asker can mend. */
export const problemOf = (code: string, message: string, next = 'Correct the request and send it again.'): Problem => ({
  problem: true,
  code,
  message,
  culprit: 'you',
  next,
})

export const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && 'problem' in value

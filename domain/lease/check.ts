/** `absent`: what it would be checked by is not there, so it is neither true nor false. */
export type Check = { readonly check: string; readonly answer: 'ok' | 'wrong' | 'absent'; readonly said: string }

/** An answer about what is expected and what there is. */
export const checked = (check: string, isOk: boolean, said: string): Check => ({
  check,
  answer: isOk ? 'ok' : 'wrong',
  said,
})
export const absent = (check: string, said: string): Check => ({ check, answer: 'absent', said })

/** The one form of an answer about a value. */
export const said = (isOk: boolean, expected: unknown, there: unknown): string =>
  isOk ? `${there}` : `expected ${expected}, there is ${there}`

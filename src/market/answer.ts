import { isRefusal, type Refusal } from '../../domain/fact.ts'
import { Fault } from '../../domain/fault.ts'
import type { Problem } from '../api/port.ts'

export const NEXT: Readonly<Record<string, string>> = {
  'insufficient-funds': 'Receive coins first: `zennet wallet receive` shows an address.',
  'not-own': 'See `zennet market ls` for your own announcements.',
  withdrawn: 'Nothing is left to do.',
  'dust-output': 'Send more: nodes do not relay outputs this small.',
  'wallet-locked': 'Unlock it: `zennet wallet unlock`.',
  'no-password': 'Make a wallet with a password, and send the coins there.',
  'not-waiting': 'See `zennet wallet history`.',
  'nothing-to-bump': 'Bump the transaction that spends it.',
  'top-up-pending': 'Wait until it is done: `zennet lease watch`.',
  'too-many-top-ups': 'Rent again with a larger budget.',
  'top-up-too-small': 'Add more.',
  ending: 'Rent again.',
  'over-daily-budget': 'Wait until tomorrow (UTC), or raise dailyBudgetSats: `zennet budget`.',
  'change-pending': 'Wait until that is answered: `zennet lease watch`.',
  'bad-change': 'Ask for something else than it is.',
  'too-many-changes': 'Rent again.',
  'channel-expires': 'Ask for less, or rent again with `--renew-up-to`: its channel lasts for all of that.',
  'notice-given': 'Withdraw that first: `zennet lease stop LEASE --withdraw`.',
  'bad-notice': 'Name a time of 0 ms to 366 days.',
  'pause-not-agreed': 'Rent with `--max-pause`, from a provider that pauses.',
  'unknown-address': 'See `zennet wallet addresses`.',
  'fee-too-low': 'Name a higher --fee-rate.',
}

export const problem = (code: string, message: string, next: string, culprit: Problem['culprit'] = 'you'): Problem => ({
  problem: true,
  code,
  message,
  culprit,
  next,
})

/** Faults that a person can act on become problems as well; the others are the API's to mask. */
export const guarded = async <T>(act: () => Promise<T>): Promise<T | Problem> => {
  try {
    return await act()
  } catch (error) {
    if (error instanceof Fault && error.culprit !== 'host')
      return problem(error.code, error.message, error.next, error.culprit)
    throw error
  }
}

export const asProblem = (value: unknown): Problem | undefined => {
  if (typeof value === 'object' && value !== null && 'problem' in value) return value as Problem
  if (!isRefusal(value)) return undefined
  const { refused, why } = value as Refusal
  return problem(refused, why, NEXT[refused] ?? 'Correct the request, and try again.')
}

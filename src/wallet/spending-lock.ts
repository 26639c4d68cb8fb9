import type { Clock } from '../clock/port.ts'
import { MAX_UNLOCK_MS, type SpendingLock, USUAL_UNLOCK_MS } from './port.ts'

export const openSpendingLock = (parts: {
  readonly clock: Pick<Clock, 'now' | 'steadyUs'>
  readonly hasPassword: boolean
  /** Opens the keystore, to see whether it can. Slow on purpose; tried by one at a time. */
  readonly check: (password: string) => Promise<void>
}): SpendingLock => {
  const { clock, hasPassword, check } = parts
  // By the steady clock, so that nobody unlocks it by setting the time back.
  let openUntilUs = Number.POSITIVE_INFINITY
  let trying: Promise<unknown> = Promise.resolve()
  const isLocked = () => clock.steadyUs() >= openUntilUs

  return {
    state: () => {
      if (isLocked()) return { locked: true }
      const leftMs = (openUntilUs - clock.steadyUs()) / 1_000
      return Number.isFinite(leftMs)
        ? { locked: false, unlockedUntil: Math.round(clock.now() + leftMs) }
        : { locked: false }
    },
    refusal: () =>
      isLocked() ? { refused: 'wallet-locked', why: 'the wallet is locked: nothing is spent' } : undefined,
    lock: () => {
      if (!hasPassword) return { refused: 'no-password', why: 'a wallet without a password cannot be locked' }
      openUntilUs = Number.NEGATIVE_INFINITY
      return undefined
    },
    unlock: async (password, forMs = USUAL_UNLOCK_MS) => {
      if (!(forMs > 0 && forMs <= MAX_UNLOCK_MS))
        return { refused: 'bad-duration', why: `a wallet is unlocked for at most ${MAX_UNLOCK_MS} ms` }
      const tried = trying.catch(() => {}).then(() => check(password))
      trying = tried
      await tried
      openUntilUs = clock.steadyUs() + forMs * 1_000
      return undefined
    },
  }
}

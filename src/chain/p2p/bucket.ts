import type { Clock } from '../../clock/port.ts'

/** So much a second, and more at once after a rest. */
export interface Bucket {
  /** Takes it in any case. @returns ms until the balance is level again: how long whoever took it should wait */
  take(amount: number): number
  /** Takes it if it is there. */
  tryTake(amount: number): boolean
  /** Adds to the balance, also above the burst. */
  grant(amount: number): void
}

export const newBucket = (clock: Clock, perS: number, burst: number): Bucket => {
  let balance = burst
  let atUs = clock.steadyUs()
  const fill = () => {
    const nowUs = clock.steadyUs()
    if (balance < burst) balance = Math.min(burst, balance + ((nowUs - atUs) / 1e6) * perS)
    atUs = nowUs
  }
  return {
    take: (amount) => {
      fill()
      balance -= amount
      return balance >= 0 ? 0 : (-balance / perS) * 1000
    },
    tryTake: (amount) => {
      fill()
      if (balance < amount) return false
      balance -= amount
      return true
    },
    grant: (amount) => {
      fill()
      balance += amount
    },
  }
}

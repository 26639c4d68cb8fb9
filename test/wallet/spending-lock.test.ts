import { describe, expect, it } from 'vitest'
import { Fault } from '../../domain/fault.ts'
import { MAX_UNLOCK_MS, USUAL_UNLOCK_MS } from '../../src/wallet/port.ts'
import { openSpendingLock } from '../../src/wallet/spending-lock.ts'

const lockWith = ({ hasPassword = true } = {}) => {
  const time = { ms: 1_000_000 }
  let tries = 0
  let most = 0
  const lock = openSpendingLock({
    clock: { now: () => 1_800_000_000_000, steadyUs: () => time.ms * 1_000 },
    hasPassword,
    check: async (password) => {
      most = Math.max(most, ++tries)
      await Promise.resolve()
      tries--
      if (password !== 'right') throw new Fault('wallet.wrong-password', 'no')
    },
  })
  return { lock, time, most: () => most }
}

describe('a spending lock', () => {
  it('is open as a node starts, until it is locked', () => {
    const { lock } = lockWith()
    expect(lock.state()).toEqual({ locked: false })
    expect(lock.refusal()).toBeUndefined()
    expect(lock.lock()).toBeUndefined()
    expect(lock.state()).toEqual({ locked: true })
    expect(lock.refusal()).toMatchObject({ refused: 'wallet-locked' })
  })

  it('opens for a while with the password, and shuts by itself', async () => {
    const { lock, time } = lockWith()
    lock.lock()
    await lock.unlock('right', 2_000)
    expect(lock.state()).toEqual({ locked: false, unlockedUntil: 1_800_000_002_000 })
    time.ms += 1_999
    expect(lock.refusal()).toBeUndefined()
    time.ms += 1
    expect(lock.refusal()).toMatchObject({ refused: 'wallet-locked' })
    await lock.unlock('right')
    time.ms += USUAL_UNLOCK_MS
    expect(lock.state()).toEqual({ locked: true })
  })

  it('stays shut without it', async () => {
    const { lock } = lockWith()
    lock.lock()
    await expect(lock.unlock('wrong')).rejects.toMatchObject({ code: 'wallet.wrong-password' })
    expect(lock.state()).toEqual({ locked: true })
    for (const forMs of [0, -1, Number.NaN, MAX_UNLOCK_MS + 1])
      expect(await lock.unlock('right', forMs)).toMatchObject({ refused: 'bad-duration' })
    expect(lock.state()).toEqual({ locked: true })
  })

  it('tries one password at a time, and goes on after a wrong one', async () => {
    const { lock, most } = lockWith()
    lock.lock()
    await Promise.allSettled(['wrong', 'wrong', 'right'].map((password) => lock.unlock(password)))
    expect(most()).toBe(1)
    expect(lock.state().locked).toBe(false)
  })

  it('cannot be shut where there is no password to open it', () => {
    const { lock } = lockWith({ hasPassword: false })
    expect(lock.lock()).toMatchObject({ refused: 'no-password' })
    expect(lock.refusal()).toBeUndefined()
  })
})

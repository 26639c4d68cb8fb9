import { readlinkSync } from 'node:fs'
import { constants, setPriority } from 'node:os'

/**
 * The thread that calls gets processor time when nobody else in its session wants it (nice 19). Linux has a priority for each thread;
 * elsewhere the process has one, which is left alone.
 */
export const takeLowestPriority = (): void => {
  let own: number
  try {
    own = Number(readlinkSync('/proc/thread-self').split('/').at(-1))
  } catch {
    return
  }
  setPriority(own, constants.priority.PRIORITY_LOW)
}

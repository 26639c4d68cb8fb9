import { existsSync, readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { showNumber, showSize } from '../quantity.ts'
import { type Finding, found, missing } from './check.ts'

const MIB = 1_048_576
/** Below these a node stops soon. */
export const LEAST_DISK_BYTES = 200 * MIB
export const LEAST_INODES = 1_000
/** Below these a provider can lend little out, and a log grows into the end. */
export const LITTLE_DISK_BYTES = 2_048 * MIB
/** Opening the wallet takes 256 MiB for a moment: argon2id. */
export const LEAST_MEMORY_BYTES = 400 * MIB
/** A node and its smallest machine. */
export const LITTLE_MEMORY_BYTES = 768 * MIB

export const firstThere = (path: string): string => (existsSync(path) ? path : firstThere(dirname(path)))

export const judgeDisk = (freeBytes: number, path: string): Finding => {
  const is = `${showSize(freeBytes)} free at ${path}`
  const lack = {
    fault: 'this machine',
    next: 'Free some, or move the data directory: --data-dir.',
  } as const
  if (freeBytes < LEAST_DISK_BYTES)
    return missing('disk space', 'all', is, { ...lack, means: 'the log cannot be written, and the node stops' })
  if (freeBytes < LITTLE_DISK_BYTES)
    return missing('disk space', 'nobody', is, { ...lack, means: 'little can be lent out, and the log fills the rest' })
  return found('disk space', 'all', is)
}

/** `total` is 0 on file systems that have no fixed number of them. */
export const judgeInodes = (free: number, total: number): Finding => {
  if (total === 0) return found('inodes', 'all', 'no limit on this file system')
  const is = `${showNumber(free)} of ${showNumber(total)} free`
  return free >= LEAST_INODES
    ? found('inodes', 'all', is)
    : missing('inodes', 'all', is, {
        means: 'no new file can be made, however much space is left',
        fault: 'this machine',
        next: 'Remove small files that are not needed (df -i says where), or move the data directory.',
      })
}

export const checkSpace = async (dataDir: string): Promise<Finding[]> => {
  const path = firstThere(dataDir)
  const { bavail, bsize, ffree, files } = await statfs(path)
  return [judgeDisk(bavail * bsize, path), judgeInodes(ffree, files)]
}

export const judgeMemory = (freeBytes: number): Finding => {
  const is = `${showSize(freeBytes)} available`
  const lack = {
    fault: 'this machine',
    next: 'End programs that are not needed, or raise the limit of this one.',
  } as const
  if (freeBytes < LEAST_MEMORY_BYTES)
    return missing('memory', 'all', is, {
      ...lack,
      means: 'the wallet cannot be opened: that takes 256 MiB for a moment',
    })
  if (freeBytes < LITTLE_MEMORY_BYTES)
    return missing('memory', 'nobody', is, { ...lack, means: 'a node runs, and has little to lend out' })
  return found('memory', 'all', is)
}

/** What the kernel has to give, or the limit of this process when that is less. */
export const checkMemory = (): Finding => {
  const [, kib] = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8')) ?? []
  return judgeMemory(Math.min(Number(kib) * 1_024, process.availableMemory()))
}

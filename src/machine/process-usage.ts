import { type Dirent, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessSample } from './process-table.ts'

export type ProcessUsage = { readonly cpuUs: bigint; readonly ioReadBytes: bigint; readonly ioWriteBytes: bigint }

/** Entries of a folder that `folderBytes` looks at before it stops counting. */
export const FOLDER_ENTRIES_MAX = 20_000

const add = (a: ProcessUsage, b: ProcessUsage): ProcessUsage => ({
  cpuUs: a.cpuUs + b.cpuUs,
  ioReadBytes: a.ioReadBytes + b.ioReadBytes,
  ioWriteBytes: a.ioWriteBytes + b.ioWriteBytes,
})

const most = (a: bigint, b: bigint) => (a > b ? a : b)

/**
 * Turns samples of living processes into totals that never fall. What one used when last seen is kept once it ended, unless an
 * ancestor of it still lives: then the kernel has added it to that one. What starts and ends between two samples, and whose parent
 * is no member, is missed.
 */
export const usageMeter = (before: ProcessUsage) => {
  let ended = before
  let total = before
  let seen = new Map<number, ProcessSample>()
  return (samples: readonly ProcessSample[]): ProcessUsage => {
    const now = new Map(samples.map((sample) => [sample.pid, sample]))
    const lives = (sample: ProcessSample) => now.get(sample.pid)?.startedAt === sample.startedAt
    const inherited = (sample: ProcessSample): boolean => {
      const parent = seen.get(sample.parent)
      return parent !== undefined && parent.pid !== sample.pid && (lives(parent) || inherited(parent))
    }
    for (const sample of seen.values()) if (!lives(sample) && !inherited(sample)) ended = add(ended, sample)
    seen = now
    const sum = samples.reduce<ProcessUsage>(add, ended)
    total = {
      cpuUs: most(total.cpuUs, sum.cpuUs),
      ioReadBytes: most(total.ioReadBytes, sum.ioReadBytes),
      ioWriteBytes: most(total.ioWriteBytes, sum.ioWriteBytes),
    }
    return total
  }
}

/** Bytes that a folder's files take on the disk; symbolic links are not followed. Stops at `FOLDER_ENTRIES_MAX` entries. */
export const folderBytes = (folder: string): bigint => {
  let bytes = 0n
  let left = FOLDER_ENTRIES_MAX
  const open = [folder]
  for (let at = open.pop(); at !== undefined && left > 0; at = open.pop()) {
    let entries: Dirent[] = []
    try {
      entries = readdirSync(at, { withFileTypes: true })
    } catch {
      continue
    }
    for (const entry of entries.slice(0, left)) {
      left -= 1
      const path = join(at, entry.name)
      if (entry.isDirectory()) open.push(path)
      try {
        bytes += BigInt(lstatSync(path).blocks) * 512n
      } catch {
        // Removed in between.
      }
    }
  }
  return bytes
}

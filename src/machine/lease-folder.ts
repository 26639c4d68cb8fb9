import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type Cumulative, taken, totalOf } from '../meter/cumulative.ts'
import type { MachineCounters } from './port.ts'

/** Lease ids become folder, container and cgroup names. */
const LEASE_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{1,63}$/

/** The folder with all that a lease keeps on the host. @throws on an id that is not fit to be a name */
export const leaseFolder = (dataDir: string, leaseId: string): string => {
  if (!LEASE_ID.test(leaseId)) throw new Error(`not a lease id: ${JSON.stringify(leaseId)}`)
  return join(dataDir, 'leases', leaseId)
}

/** Lease ids that have a folder. */
export const leaseFolders = (dataDir: string): string[] => {
  try {
    return readdirSync(join(dataDir, 'leases')).filter((name) => LEASE_ID.test(name))
  } catch {
    return []
  }
}

/** Writes a file whole or not at all. */
export const writeWhole = async (folder: string, name: string, text: string): Promise<void> => {
  await mkdir(folder, { recursive: true })
  const draft = join(folder, `.${name}.${process.pid}.draft`)
  await writeFile(draft, text, { mode: 0o600 })
  await rename(draft, join(folder, name))
}

const amount = z.string().regex(/^\d+$/).transform(BigInt)
const counters = z.strictObject({
  cpuUs: amount,
  memoryBytes: amount,
  diskBytes: amount,
  ioReadBytes: amount,
  ioWriteBytes: amount,
  netRxBytes: amount,
  netTxBytes: amount,
})
const stored = z.strictObject({ incarnation: z.string(), base: counters, last: counters })
const FILE = 'counters.json'

/** What was counted for a lease so far; undefined before the first sample. A file that was torn counts as none. */
export const readCumulative = (folder: string): Cumulative | undefined => {
  try {
    return stored.parse(JSON.parse(readFileSync(join(folder, FILE), 'utf8')))
  } catch {
    return undefined
  }
}

/** Takes a sample of the present incarnation in, keeps it on disk, and answers the totals since the machine was first started. */
export const countIn = async (
  folder: string,
  incarnation: string,
  sample: MachineCounters,
): Promise<MachineCounters> => {
  const next = taken(readCumulative(folder), incarnation, sample)
  await writeWhole(
    folder,
    FILE,
    JSON.stringify(next, (_, value) => (typeof value === 'bigint' ? value.toString() : value)),
  )
  return totalOf(next)
}

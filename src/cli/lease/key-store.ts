import { chmod, mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { notFound } from '../exit-code.ts'

/** The SSH keys of leases rented from this machine: `<data dir>/keys/<lease id>`, for their owner alone. */
const keyFile = (dataDir: string, leaseId: string): string => join(dataDir, 'keys', leaseId)

export const keepKey = async (dataDir: string, leaseId: string, privateKey: string): Promise<string> => {
  await mkdir(join(dataDir, 'keys'), { recursive: true, mode: 0o700 })
  const file = keyFile(dataDir, leaseId)
  await writeFile(file, privateKey, { mode: 0o600 })
  await chmod(file, 0o600)
  return file
}

/** @throws Fault `not-found` */
export const keptKey = async (dataDir: string, leaseId: string): Promise<string> => {
  const file = keyFile(dataDir, leaseId)
  if ((await stat(file).catch(() => undefined))?.isFile()) return file
  throw notFound(
    `there is no key for the lease ${leaseId} in ${join(dataDir, 'keys')}`,
    'Name your own with --identity.',
  )
}

/** The key of a lease that is over opens nothing any more. */
export const dropKey = (dataDir: string, leaseId: string): Promise<void> =>
  rm(keyFile(dataDir, leaseId), { force: true })

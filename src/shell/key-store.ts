import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const FOLDER = 'keys'
const LEASE_ID = /^[0-9a-f]{32}$/

/** The SSH keys of leases rented from this machine: `<data dir>/keys/<lease id>`, for their owner alone. */
export const keyFile = (dataDir: string, leaseId: string): string => join(dataDir, FOLDER, leaseId)

/** Keeps a private key in OpenSSH's form, whole or not at all. @returns its file */
export const keepKey = async (dataDir: string, leaseId: string, privateKey: string): Promise<string> => {
  await mkdir(join(dataDir, FOLDER), { recursive: true, mode: 0o700 })
  const file = keyFile(dataDir, leaseId)
  await writeFile(`${file}.new`, privateKey, { mode: 0o600 })
  await chmod(`${file}.new`, 0o600)
  await rename(`${file}.new`, file)
  return file
}

/** @returns undefined when none is kept */
export const readKey = (dataDir: string, leaseId: string): Promise<string | undefined> =>
  readFile(keyFile(dataDir, leaseId), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })

/** The key of a lease that is over opens nothing any more. */
export const dropKey = (dataDir: string, leaseId: string): Promise<void> =>
  rm(keyFile(dataDir, leaseId), { force: true })

/** Ids of the leases whose keys are kept. */
export const leasesWithKey = async (dataDir: string): Promise<readonly string[]> => {
  const names = await readdir(join(dataDir, FOLDER)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names.filter((name) => LEASE_ID.test(name))
}

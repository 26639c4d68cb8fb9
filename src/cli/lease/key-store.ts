import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { keyFile } from '../../shell/key-store.ts'
import { notFound } from '../exit-code.ts'

/** The file of a lease's key. @throws Fault `not-found` */
export const keptKey = async (dataDir: string, leaseId: string): Promise<string> => {
  const file = keyFile(dataDir, leaseId)
  if ((await stat(file).catch(() => undefined))?.isFile()) return file
  throw notFound(`there is no key for the lease ${leaseId} in ${dirname(file)}`, 'Name your own with --identity.')
}

import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { contextsFile } from '../context/store.ts'
import { type Finding, found, missing } from './check.ts'

/** Of a data directory: whoever reads one of these can spend, log in, or read what is sealed. */
const SECRETS = ['wallet.json', 'api-token', 'ssh_host_ed25519_key', 'subject-keys.sqlite', 'chain/.cookie']

const modeOf = (file: string): number | undefined => {
  try {
    return statSync(file).mode & 0o777
  } catch {
    return undefined
  }
}

const leaseKeys = (dataDir: string): string[] => {
  try {
    return readdirSync(join(dataDir, 'keys')).map((name) => join(dataDir, 'keys', name))
  } catch {
    return []
  }
}

/** Whether the files that hold keys are their owner's alone. */
export const checkModes = (dataDir: string): Finding => {
  const files = [...SECRETS.map((name) => join(dataDir, name)), ...leaseKeys(dataDir), contextsFile()]
  const there = files.flatMap((file) => {
    const mode = modeOf(file)
    return mode === undefined ? [] : [{ file, mode }]
  })
  const open = there.filter(({ mode }) => (mode & 0o077) !== 0)
  if (open.length === 0) return found('modes of keys', 'nobody', `${there.length} files, their owner’s alone`)
  const is = open.map(({ file, mode }) => `${file} (${mode.toString(8)})`).join(', ')
  return missing('modes of keys', 'nobody', `others may read ${is}`, {
    means: 'whoever reads them can spend, log in, or read what is sealed',
    fault: 'you',
    next: `chmod 600 ${open.map(({ file }) => `'${file}'`).join(' ')}; if others were here, move the coins to a new wallet.`,
  })
}

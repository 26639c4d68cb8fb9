import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A program of the host that prepares or clears something away: mount, mkfs, tar, losetup. */
export const HOST_PROGRAM_LIMIT_MS = 60_000

/** Searched in this order, whatever the PATH of the caller: some of them are not on the PATH of ordinary users. */
const FOLDERS = [
  ...['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'],
  ...['/usr/lib/openssh', '/usr/libexec/openssh', '/usr/lib/ssh'],
]

const executable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Absolute path of a program of the host, or undefined. */
export const findProgram = (name: string): string | undefined =>
  FOLDERS.map((folder) => join(folder, name)).find(executable)

/** Runs a program of the host to its end and answers its stdout. Rejects when it fails or takes too long. */
export const runProgram = async (name: string, ...args: string[]): Promise<string> => {
  const { stdout } = await run(findProgram(name) ?? name, args, { timeout: HOST_PROGRAM_LIMIT_MS, encoding: 'utf8' })
  return stdout
}

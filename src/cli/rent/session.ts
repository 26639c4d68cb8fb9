import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { plainText } from '../../../domain/plain-text.ts'
import { runSsh, type SshEnd } from '../lease/ssh.ts'
import { print, say } from '../output.ts'
import type { ReadyLease } from './ready.ts'

export type Session = {
  readonly identityFile: (lease: ReadyLease) => string
  readonly command: readonly string[]
  readonly tty?: boolean
}

/**
 * One machine: this terminal is its terminal. Several: the command runs in all at once, each line of output behind the beginning of
 * its lease's id; without a command, a shell in the first.
 */
export const runSession = async (leases: readonly ReadyLease[], session: Session): Promise<SshEnd> => {
  const { identityFile, command, tty } = session
  const [first] = leases
  if (first === undefined) throw new Error('a session needs a machine')
  if (leases.length === 1 || command.length === 0) {
    for (const other of leases.slice(1)) say(`also running: zennet lease ssh ${other.leaseId}`)
    return runSsh(first.shell, { identityFile: identityFile(first), command, ...(tty ? { tty } : {}) })
  }
  const ends = await Promise.all(
    leases.map((lease) =>
      runSsh(lease.shell, {
        identityFile: identityFile(lease),
        command,
        takeOutput: (stdout) => printBehind(lease.leaseId.slice(0, 8), stdout),
      }),
    ),
  )
  return {
    code: ends.find(({ code }) => code !== 0)?.code ?? 0,
    interrupted: ends.some(({ interrupted }) => interrupted),
  }
}

/** On a terminal escaped: one machine's output must not pass for another's, or for ours. A file or a pipe gets it as it is. */
const printBehind = (name: string, stdout: Readable): void => {
  const shown = process.stdout.isTTY === true ? plainText : (line: string) => line
  createInterface({ input: stdout }).on('line', (line) => print(`${name}  ${shown(line)}`))
}

import { resolve } from 'node:path'
import { remotePath, scpCommand } from '../../shell/ssh-command.ts'
import { connect, dataDirOf, type NodeFlags } from '../node-options.ts'
import { keptKey } from './key-store.ts'
import { leaseIdOf, readLease } from './lease-view.ts'
import { noShell, runSsh } from './ssh.ts'

/** Copies a file or folder out of a lease's machine. @returns the exit code of scp */
export const fetchFrom = async (
  given: string,
  path: string,
  to: string,
  flags: NodeFlags & { readonly identity?: string },
): Promise<number> => {
  const client = connect(flags)
  const leaseId = await leaseIdOf(client, given)
  const lease = await readLease(client, leaseId)
  if (lease.shell === null) throw noShell(lease)
  const identityFile = flags.identity === undefined ? await keptKey(dataDirOf(flags), leaseId) : resolve(flags.identity)
  const { code } = await runSsh(lease.shell, {
    identityFile,
    command: [],
    line: (target) => scpCommand(target, ['-r', '-p', '--', remotePath(target, path), resolve(to)]),
  })
  return code
}

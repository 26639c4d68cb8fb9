import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { HOST_IMAGE, processMachines, processMark } from '../../src/machine/process.ts'
import { processesMarked } from '../../src/machine/process-table.ts'
import { openShellGateway } from '../../src/shell/gateway.ts'
import { loadHostKey } from '../../src/shell/host-key.ts'
import type { ShellGatewayOptions } from '../../src/shell/port.ts'
import { createIdentity, pinHost, sshCommand } from '../../src/shell/ssh-command.ts'

const SFTP_SERVER = [
  '/usr/lib/openssh/sftp-server',
  '/usr/libexec/openssh/sftp-server',
  '/usr/libexec/sftp-server',
  '/usr/lib/ssh/sftp-server',
].find(existsSync)

const missing = ['ssh', 'scp', 'sftp', 'rsync'].filter(
  (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0,
)

/** What the tests need of the host and it lacks; never skipped in CI. */
export const missingClients =
  process.env['CI'] || process.platform !== 'linux' ? [] : [...missing, ...(SFTP_SERVER ? [] : ['sftp-server'])]
export const skipped = missingClients.length > 0 || process.platform !== 'linux'

export const leaseId = '00112233445566778899aabbccddeeff'
export const user = 'lease-001122334455'

export const until = async (fact: () => boolean | Promise<boolean>) => {
  for (const end = Date.now() + 30_000; !(await fact()); await sleep(20))
    if (Date.now() > end) throw new Error('waited 30 s')
}

export type Ran = { readonly code: number | null; readonly out: Buffer; readonly err: string }

/** Runs a client to its end; `input` undefined leaves its input empty. */
export const run = (
  argv: readonly string[],
  input?: Buffer | string,
  started?: (child: ChildProcess) => void,
): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = spawn(argv[0]!, argv.slice(1), { stdio: 'pipe' })
    const [out, err]: [Buffer[], Buffer[]] = [[], []]
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.stdin.on('error', () => {})
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, out: Buffer.concat(out), err: Buffer.concat(err).toString() }))
    started?.(child)
    if (started === undefined || input !== undefined) child.stdin.end(input)
  })

/** A gateway over machines that are processes, one lease, and a client's files for it. */
export const openRig = async (more: Partial<ShellGatewayOptions> = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'zennet-shell-'))
  const machines = processMachines({ dataDir: join(folder, 'machines') })
  const resources = { cpuMillis: 1000, memoryBytes: 64 << 20, diskBytes: 64 << 20, pids: 64 }
  await machines.create({ leaseId, image: HOST_IMAGE, resources, network: 'none' })
  const hostKey = await loadHostKey(join(folder, 'host-key'))
  const gateway = await openShellGateway({
    machines,
    toolbox: {
      sftpServer: [SFTP_SERVER ?? '/usr/lib/openssh/sftp-server'],
      cat: ['/bin/cat'],
      path: '/opt/zennet tools/bin',
    },
    hostKey: hostKey.privateKey,
    listen: { host: '127.0.0.1', port: 0 },
    ...more,
  })
  const identity = await createIdentity(join(folder, 'client with space'))
  gateway.grant({ leaseId, user, authorizedKeys: [identity.publicKey] })
  const address = { host: '127.0.0.1', port: gateway.port!, user, hostKey: gateway.hostKey }
  const pinned = { ...address, hostKeyFingerprint: gateway.hostKeyFingerprint }
  const target = await pinHost(join(folder, 'client with space'), pinned, identity.file)
  return {
    folder,
    machines,
    gateway,
    identity,
    address,
    target,
    home: join(folder, 'machines', leaseId, 'home'),
    ssh: (command: string, input?: Buffer | string) => run(sshCommand(target, [command]), input),
    /** Processes of the lease besides the one that stands for the machine. */
    left: () => processesMarked(processMark(join(folder, 'machines'), leaseId)).length - 1,
    close: async () => {
      await gateway.close()
      await machines.close()
      await machines.remove(leaseId)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export type Rig = Awaited<ReturnType<typeof openRig>>

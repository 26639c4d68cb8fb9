import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BUSYBOX_IMAGE } from '../../src/machine/busybox-image.ts'
import { findProgram } from '../../src/machine/host-program.ts'
import { namespaceMachines } from '../../src/machine/namespace.ts'
import { SFTP_SERVER, staticBusybox, TOOLBOX_BIN, TOOLBOX_SHELL } from '../../src/machine/toolbox.ts'
import { openShellGateway } from '../../src/shell/gateway.ts'
import { loadHostKey } from '../../src/shell/host-key.ts'
import type { ShellGatewayOptions } from '../../src/shell/port.ts'
import { createIdentity, pinHost, sshCommand } from '../../src/shell/ssh-command.ts'
import { leaseId, missingClients, run, user } from './rig.ts'

const missing = [
  ...['unshare', 'nsenter', 'setpriv', 'perl'].filter((name) => findProgram(name) === undefined),
  ...(staticBusybox() === undefined ? ['busybox-static'] : []),
]
export const missingForMachines = process.env['CI'] ? [] : [...missingClients, ...missing]

/** A free port of this host's loopback. */
export const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

export const neighbour = { leaseId: 'ffeeddccbbaa99887766554433221100', user: 'lease-ffeeddccbbaa' }

/** A gateway over real machines of namespaces: a lease's, and a neighbour's. */
export const openMachineRig = async (more: Partial<ShellGatewayOptions> = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'zennet-shell-'))
  const machines = await namespaceMachines({ provider: `test-${folder.slice(-6)}`, dataDir: join(folder, 'machines') })
  const resources = { cpuMillis: 1000, memoryBytes: 96 << 20, diskBytes: 32 << 20, pids: 128 }
  for (const id of [leaseId, neighbour.leaseId])
    await machines.create({ leaseId: id, image: BUSYBOX_IMAGE, resources, network: 'none' })
  const { privateKey } = await loadHostKey(join(folder, 'host-key'))
  const gateway = await openShellGateway({
    machines,
    toolbox: { sftpServer: [SFTP_SERVER], cat: ['/.zennet/busybox', 'cat'], path: TOOLBOX_BIN, shell: [TOOLBOX_SHELL] },
    hostKey: privateKey,
    listen: { host: '127.0.0.1', port: 0 },
    ...more,
  })
  const identity = await createIdentity(join(folder, 'client'))
  const address = { host: '127.0.0.1', port: gateway.port!, user, hostKey: gateway.hostKey }
  const target = await pinHost(join(folder, 'client'), address, identity.file)
  gateway.grant({ leaseId, user, authorizedKeys: [identity.publicKey] })
  gateway.grant({ ...neighbour, authorizedKeys: [identity.publicKey] })
  const next = { ...target, user: neighbour.user }
  return {
    folder,
    machines,
    gateway,
    identity,
    target,
    ssh: (command: string, input?: Buffer | string) => run(sshCommand(target, [command]), input),
    neighbourSsh: (command: string) => run(sshCommand(next, [command])),
    /** `ssh` with options that stays until `stop`; for forwards without a command (`-N`). */
    stay: (options: readonly string[]) => {
      const [program, ...args] = sshCommand(target, [], ['-N', '-o', 'ExitOnForwardFailure=yes', ...options])
      const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'pipe'] })
      let err = ''
      child.stderr.on('data', (chunk) => {
        err += String(chunk)
      })
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
      return {
        err: () => err,
        ended,
        stop: async () => {
          child.kill()
          await ended
        },
      }
    },
    close: async () => {
      await gateway.close()
      for (const id of [leaseId, neighbour.leaseId]) await machines.remove(id)
      await machines.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export type MachineRigOfShell = Awaited<ReturnType<typeof openMachineRig>>

/** Sends `input` and its end to a socket of this host, and reads to the end. Rejects when nobody answers. */
export const exchange = (to: { port: number } | { path: string }, input: string | Buffer) =>
  new Promise<string>((resolve, reject) => {
    const options = 'port' in to ? { ...to, host: '127.0.0.1', allowHalfOpen: true } : { ...to, allowHalfOpen: true }
    const chunks: Buffer[] = []
    const socket = connect(options, () => socket.end(input))
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.once('error', reject)
    socket.once('end', () => resolve(Buffer.concat(chunks).toString()))
  })

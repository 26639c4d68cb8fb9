import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '../../domain/fault.ts'
import type { Config } from '../config.ts'
import { dockerMachines } from '../machine/docker.ts'
import { type NamespaceMachines, namespaceMachines } from '../machine/namespace.ts'
import type { Machines } from '../machine/port.ts'
import { bestDriver } from '../machine/probe.ts'
import { processMachines } from '../machine/process.ts'
import { SFTP_SERVER, TOOLBOX_BIN, TOOLBOX_BUSYBOX, TOOLBOX_SHELL } from '../machine/toolbox.ts'
import type { ShellToolbox } from '../shell/port.ts'

/** What makes machines here, how their shells find their programs, and what is missing for a stronger driver. */
export type NodeMachines = {
  readonly machines: Machines
  readonly toolbox: ShellToolbox
  readonly notes: readonly string[]
}

/** @param provider tells this node's machines from others' on the same host @throws Fault `machine.unavailable` */
export const openMachines = async (
  config: Config,
  provider: string,
  parentCgroup: string | undefined,
): Promise<NodeMachines> => {
  const dataDir = join(config.dataDir, 'machines')
  const socket = config.dockerSocket === undefined ? {} : { socketPath: config.dockerSocket }
  const parent = parentCgroup === undefined ? {} : { parentCgroup }
  const toolbox: ShellToolbox = {
    sftpServer: [SFTP_SERVER],
    cat: [TOOLBOX_BUSYBOX, 'cat'],
    path: TOOLBOX_BIN,
    shell: [TOOLBOX_SHELL],
  }
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const { driver, notes } = await choose(config, dataDir, socket)
  switch (driver) {
    case 'docker':
      return { machines: await dockerMachines({ provider, dataDir, ...socket, ...parent }), toolbox, notes }
    case 'namespace':
      return unprivileged(await namespaceMachines({ provider, dataDir, ...parent }), toolbox, notes)
    case 'process':
      return {
        machines: processMachines({ dataDir }),
        toolbox: { sftpServer: ['/usr/lib/openssh/sftp-server'], cat: ['/bin/cat'], path: '' },
        notes: ['Machines are plain processes: NOTHING keeps a tenant from this host’s files and network.'],
      }
  }
}

/** An ordinary user cannot hold every limit: whoever lends out has to know. */
const unprivileged = (machines: NamespaceMachines, toolbox: ShellToolbox, notes: readonly string[]): NodeMachines => {
  const unheld = machines.unheld.map(({ limit, why }) => `The ${limit} limit of machines is NOT held: ${why}`)
  return { machines, toolbox, notes: [...notes, ...unheld] }
}

const choose = async (config: Config, dataDir: string, socket: { socketPath?: string }) => {
  if (config.machines !== 'auto') return { driver: config.machines, notes: [] }
  const { driver, reports } = await bestDriver({ dataDir, ...socket })
  const notes = reports.filter((report) => !report.ok).map(({ name, why, next }) => `not ${name}: ${why}. ${next}`)
  if (driver) return { driver, notes }
  throw new Fault('machine.unavailable', `no machine can be made on this host:\n${notes.join('\n')}`, {
    next: 'Install Docker, or allow user namespaces; `zennet doctor` shows what is missing.',
  })
}

import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '../../domain/fault.ts'
import { BUSYBOX_IMAGE } from './busybox-image.ts'
import { dockerMachines } from './docker.ts'
import { namespaceMachines } from './namespace.ts'
import type { Machines } from './port.ts'
import { readOut } from './read-out.ts'
import { within } from './within.ts'

/** For a whole trial: set-up, one machine, one program, removal. */
export const PROBE_LIMIT_MS = 120_000

const MIB = 1_048_576
/** Small, so that a probe never fails for want of what a lease would have. */
const TRIAL = { cpuMillis: 500, memoryBytes: 32 * MIB, diskBytes: 4 * MIB, pids: 32 }

/** What `doctor` shows of a driver. `why` and `next` are for people, `code` is stable. */
export type DriverReport = {
  readonly name: 'docker' | 'namespace'
  readonly ok: boolean
  readonly code?: string
  readonly why?: string
  readonly next?: string
}

export type ProbeOptions = {
  readonly dataDir: string
  /** Of Docker; absent: DOCKER_HOST, else `/var/run/docker.sock`. */
  readonly socketPath?: string
  readonly parentCgroup?: string
}

/** Makes a machine, runs a program in it, and removes it: a socket or a program that is merely there proves nothing. */
const tryMachine = async (machines: Machines) => {
  const leaseId = `probe-${randomBytes(8).toString('hex')}`
  try {
    await machines.create({ leaseId, image: BUSYBOX_IMAGE, resources: TRIAL, network: 'none' })
    const program = await machines.exec(leaseId, { argv: ['sh', '-c', 'exit 42'] })
    program.stdin.end()
    for (const stream of [program.stdout, program.stderr]) {
      stream?.resume()
      if (stream !== undefined) void readOut(stream)
    }
    const { code } = await program.exited
    if (code !== 42)
      throw new Fault('machine.probe-failed', `a program in a trial machine ended with ${code}, not 42`, {
        culprit: 'provider',
        next: 'If Docker runs on another host, run the provider there: machines need folders of the same host.',
      })
  } finally {
    await machines.remove(leaseId)
    await machines.close()
  }
}

const report = async (name: DriverReport['name'], open: (folder: string) => Promise<Machines>, dataDir: string) => {
  let folder: string | undefined
  const trial = async () => {
    folder = await mkdtemp(join(dataDir, 'probe-'))
    await tryMachine(await open(folder))
  }
  try {
    await within(PROBE_LIMIT_MS, `trying ${name}`, trial())
    return { name, ok: true }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return error instanceof Fault
      ? { name, ok: false, code: error.code, why, next: error.next }
      : { name, ok: false, code: 'machine.probe-failed', why, next: 'See the cause; another driver may do.' }
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true }).catch(() => {})
  }
}

/** Whether a hardened container can be had here. Never throws. */
export const probeDocker = ({ dataDir, socketPath, parentCgroup }: ProbeOptions): Promise<DriverReport> =>
  report(
    'docker',
    (folder) =>
      dockerMachines({
        dataDir: folder,
        provider: `probe-${randomBytes(4).toString('hex')}`,
        ...(socketPath === undefined ? {} : { socketPath }),
        ...(parentCgroup === undefined ? {} : { parentCgroup }),
      }),
    dataDir,
  )

/** Whether a machine of namespaces can be had here. Never throws. */
export const probeNamespace = ({ dataDir, parentCgroup }: ProbeOptions): Promise<DriverReport> =>
  report(
    'namespace',
    (folder) =>
      namespaceMachines({
        dataDir: folder,
        provider: `probe-${randomBytes(4).toString('hex')}`,
        ...(parentCgroup === undefined ? {} : { parentCgroup }),
      }),
    dataDir,
  )

/** All drivers, strongest isolation first, for `doctor`. */
export const probeDrivers = async (options: ProbeOptions): Promise<DriverReport[]> => [
  await probeDocker(options),
  await probeNamespace(options),
]

/** The strongest driver that works here; none: both reports say why. */
export const bestDriver = async (
  options: ProbeOptions,
): Promise<{ readonly driver: 'docker' | 'namespace' | undefined; readonly reports: readonly DriverReport[] }> => {
  const docker = await probeDocker(options)
  if (docker.ok) return { driver: 'docker', reports: [docker] }
  const namespace = await probeNamespace(options)
  return { driver: namespace.ok ? 'namespace' : undefined, reports: [docker, namespace] }
}

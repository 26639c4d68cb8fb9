import { existsSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import Docker from 'dockerode'
import { Fault } from '../../domain/fault.ts'
import { cgroupsOf } from '../meter/cgroup.ts'
import { networkOf, oomKills, readCounters } from '../meter/counters.ts'
import { totalOf, ZERO_COUNTERS } from '../meter/cumulative.ts'
import { BUSYBOX_IMAGE, importBusyboxImage } from './busybox-image.ts'
import { canMakeDisks, diskFolder, makeDisk, removeDisk, sealDisk, usedBytes } from './disk.ts'
import { call, callUnless, dockerFault } from './docker-call.ts'
import { containerOptions, cpuQuota, LEASE_LABEL, PROVIDER_LABEL } from './docker-container.ts'
import { dockerExec, killOthers } from './docker-exec.ts'
import { openForwarders } from './forward/forwarders.ts'
import { shutOffHost } from './host-shut-off.ts'
import { countIn, leaseFolder, leaseFolders, readCumulative } from './lease-folder.ts'
import { FREEZE_LIMIT_MS, IMAGE_PULL_LIMIT_MS, SEALED_CPU_MILLIS } from './limits.ts'
import type { MachineCounters, MachineSpec, MachineState, Machines } from './port.ts'
import { lives, readProcess } from './process-tree.ts'
import { parentOf, withWeight } from './spare-cgroup.ts'
import { buildToolbox } from './toolbox.ts'
import { inTurn, until } from './within.ts'

export type DockerMachinesOptions = {
  /** Absent: DOCKER_HOST, else `/var/run/docker.sock`. */
  readonly socketPath?: string
  /** Label value that tells this provider's containers from another's on the same Docker. */
  readonly provider: string
  /** For disks, toolbox and counters; bind-mounted, so it must be the daemon's host. */
  readonly dataDir: string
  /** Cgroup under which all leases lie (with minimal weight): weights compare siblings, so each alone would change nothing. */
  readonly parentCgroup?: string
  /** Images that may be fetched from a registry when they are absent. Absent: none. */
  readonly mayPull?: (image: string) => boolean
}

const gone = (leaseId: string) =>
  new Fault('machine.gone', `there is no machine for lease ${leaseId}`, { next: 'Ask for the state of the lease.' })

const noImage = (image: string, cause?: unknown) =>
  new Fault(
    'machine.no-image',
    `image ${image} is not on this host${cause === undefined ? '' : ' and cannot be fetched'}`,
    {
      culprit: 'provider',
      next: `Fetch it (docker pull ${image}), or agree on one that the provider names.`,
      cause,
    },
  )

/**
 * Machines as hardened containers of a Docker Engine (or a compatible Podman), one per lease.
 * @throws Fault `machine.unavailable` when Docker does not answer
 */
export const dockerMachines = async (options: DockerMachinesOptions): Promise<Machines> => {
  const { provider } = options
  const dataDir = join(options.dataDir, 'docker')
  const docker = new Docker(options.socketPath === undefined ? undefined : { socketPath: options.socketPath })
  const apiVersion = Number((await call('tell its version', docker.version())).ApiVersion)
  const { CgroupDriver } = await call('tell how it works', docker.info())
  const parentCgroup = options.parentCgroup === undefined ? undefined : parentOf(options.parentCgroup, CgroupDriver)
  const toolbox = await buildToolbox(join(options.dataDir, 'toolbox'))
  const disks = await canMakeDisks(dataDir)
  const turn = inTurn()
  const folderOf = (leaseId: string) => leaseFolder(dataDir, leaseId)
  const containerOf = (leaseId: string) => docker.getContainer(`zennet-${leaseId}`)

  /** Undefined when there is none, or when another provider's stands under that name. */
  const look = async (leaseId: string) => {
    folderOf(leaseId)
    const info = await callUnless('inspect a machine', containerOf(leaseId).inspect())
    return info?.Config.Labels[PROVIDER_LABEL] === provider ? info : undefined
  }

  const imageConfig = async (image: string) => {
    const inspect = () => callUnless('inspect an image', docker.getImage(image).inspect(), [400, 404])
    let info = await inspect()
    if (info === undefined && image === BUSYBOX_IMAGE) {
      await call('import an image', importBusyboxImage(docker, dataDir))
      info = await inspect()
    }
    if (info === undefined && options.mayPull?.(image) === true) {
      try {
        const stream = await call('fetch an image', docker.pull(image))
        const fetched = new Promise<void>((resolve, reject) =>
          docker.modem.followProgress(stream, (error: Error | null) => (error === null ? resolve() : reject(error))),
        )
        await call('fetch an image', fetched, IMAGE_PULL_LIMIT_MS)
      } catch (error) {
        throw noImage(image, error)
      }
      info = await inspect()
    }
    if (info === undefined) throw noImage(image)
    return { env: info.Config.Env ?? [], volumes: Object.keys(info.Config.Volumes ?? {}) }
  }

  const start = async (leaseId: string) => {
    const container = containerOf(leaseId)
    parentCgroup?.weigh()
    // 304: it runs already.
    await callUnless('start a machine', container.start(), [304])
    const info = await look(leaseId)
    if (info?.State.Running === true)
      return info.HostConfig.NetworkMode === 'none'
        ? undefined
        : await shutOffHost(info.State.Pid, readFileSync(info.ResolvConfPath, 'utf8'))
    throw new Fault('machine.exited-at-once', `the machine of lease ${leaseId} ended as soon as it began`, {
      culprit: 'provider',
      next: 'Try the image by hand: its first process could not stand.',
    })
  }

  const make = async (spec: MachineSpec) => {
    const config = await imageConfig(spec.image)
    const folder = folderOf(spec.leaseId)
    if (disks) await makeDisk(folder, spec.resources.diskBytes, 0)
    const plan = {
      spec,
      provider,
      imageEnv: config.env,
      imageVolumes: config.volumes,
      toolbox: toolbox.missing.includes('busybox') ? undefined : toolbox.folder,
      disk: disks ? folder : undefined,
      parentCgroup: parentCgroup?.name,
    }
    try {
      // 409: another instance of this provider made it meanwhile.
      await callUnless('make a machine', docker.createContainer(containerOptions(plan)), [409])
      if ((await look(spec.leaseId)) === undefined)
        throw new Fault('machine.refused', `a container zennet-${spec.leaseId} of someone else stands on this Docker`, {
          culprit: 'provider',
          next: 'Remove it, or give this provider another Docker.',
        })
      await start(spec.leaseId)
    } catch (error) {
      await destroy(spec.leaseId).catch(() => {})
      throw dockerFault(error, 'make a machine')
    }
  }

  const destroy = async (leaseId: string) => {
    if ((await look(leaseId)) !== undefined) {
      const container = containerOf(leaseId)
      // 409: its removal is under way already.
      await callUnless('remove a machine', container.remove({ force: true, v: true }), [404, 409])
      await until(FREEZE_LIMIT_MS, async () => (await look(leaseId)) === undefined)
    }
    const folder = folderOf(leaseId)
    if (!existsSync(folder)) return
    if (disks) await removeDisk(folder)
    await rm(folder, { recursive: true, force: true })
  }

  /** Pausing fails on a starved container ("unable to freeze"): it is tried again until it is so. */
  const pauseOrNot = async (leaseId: string, frozen: boolean) => {
    let last: unknown
    const done = await until(FREEZE_LIMIT_MS, async () => {
      const info = await look(leaseId)
      if (info === undefined || !info.State.Running) throw gone(leaseId)
      if (info.State.Paused === frozen) return true
      const container = containerOf(leaseId)
      const change = async () => void (await (frozen ? container.pause() : container.unpause()))
      // At first as it is: raising the weight takes CPU from the host's owner.
      await (last === undefined ? change() : withWeight(parentCgroup?.path, change)).catch((error: unknown) => {
        last = error
      })
      return false
    })
    if (!done) throw dockerFault(last, frozen ? 'freeze a machine' : 'thaw a machine')
  }

  const limitCpu = async (leaseId: string, cpuMillis: number) => {
    const { CpuPeriod, CpuQuota } = cpuQuota(cpuMillis)
    // 404: Podman knows no such call.
    await callUnless('limit a machine', containerOf(leaseId).update({ CpuPeriod, CpuQuota }), [404])
  }

  /** Killed from inside: a restart would lose what lies in memory, and `exec` failed in restarted containers of Docker 20.10. */
  const seal = async (leaseId: string) => {
    await limitCpu(leaseId, SEALED_CPU_MILLIS)
    await pauseOrNot(leaseId, false)
    await killOthers(containerOf(leaseId), apiVersion)
    if (!disks || (await sealDisk(folderOf(leaseId)))) return
    throw new Fault('machine.refused', `the disk of lease ${leaseId} stays writable`, { culprit: 'provider' })
  }

  /** The container's first process, kept so that a tick costs no question to the daemon. */
  const first = new Map<string, { pid: number; startTicks: number; incarnation: string }>()
  const running = async (leaseId: string) => {
    const known = first.get(leaseId)
    if (known !== undefined && lives(known.pid, known.startTicks)) return known
    first.delete(leaseId)
    const info = await look(leaseId)
    if (info === undefined) throw gone(leaseId)
    const found = info.State.Running ? readProcess(info.State.Pid) : undefined
    if (found === undefined) return undefined
    const fresh = { pid: found.pid, startTicks: found.startTicks, incarnation: info.State.StartedAt }
    first.set(leaseId, fresh)
    return fresh
  }

  /** Machines that stood on after a program of theirs had taken too much memory: Docker says so at their end, too. */
  const outlived = new Set<string>()

  const counters = async (leaseId: string): Promise<MachineCounters> => {
    const process = await running(leaseId)
    const folder = folderOf(leaseId)
    const before = readCumulative(folder)
    if (process === undefined) return before === undefined ? ZERO_COUNTERS : totalOf(before)
    const network = networkOf(process.pid)
    const cgroups = cgroupsOf(process.pid)
    if (oomKills(cgroups.memory) > 0n) outlived.add(leaseId)
    const sample = {
      ...readCounters(cgroups),
      // Without a disk of its own the quota lies in memory, and is counted there.
      diskBytes: disks ? await usedBytes(diskFolder(folder)) : 0n,
      netRxBytes: network.rxBytes,
      netTxBytes: network.txBytes,
    }
    return countIn(folder, process.incarnation, sample)
  }

  /** The container that programs may be started in now. */
  const standing = async (leaseId: string) => {
    const info = await look(leaseId)
    if (info === undefined || !info.State.Running) throw gone(leaseId)
    if (info.State.Paused)
      throw new Fault('machine.frozen', `the machine of lease ${leaseId} is frozen`, {
        next: 'Wait until it is thawed.',
      })
    return containerOf(leaseId)
  }
  const exec: Machines['exec'] = async (leaseId, spec) => dockerExec(await standing(leaseId), spec, apiVersion)
  const forwarders = openForwarders({ toolbox, standing, exec })

  return {
    driver: 'docker',
    isolation: 'container',
    images: async () => {
      const all = await call('list images', docker.listImages())
      const names = all.flatMap((image) => image.RepoTags ?? []).filter((name) => name !== '<none>:<none>')
      // It is imported when first used.
      return [...new Set([...names, ...(toolbox.missing.includes('busybox') ? [] : [BUSYBOX_IMAGE])])].sort()
    },
    create: (spec) =>
      turn(spec.leaseId, async () => {
        const info = await look(spec.leaseId)
        if (info === undefined) return make(spec)
        if (info.State.Running) return
        // It ended, or the host was restarted: the same machine with the same data stands up again.
        if (disks) await makeDisk(folderOf(spec.leaseId), spec.resources.diskBytes, 0)
        await start(spec.leaseId).catch((error: unknown) => {
          throw dockerFault(error, 'start a machine')
        })
      }),
    inspect: async (leaseId): Promise<MachineState> => {
      const info = await look(leaseId)
      if (info === undefined) return { status: 'absent' }
      const { Running, Paused, Pid, ExitCode, OOMKilled } = info.State
      if (Running) return { status: Paused ? 'frozen' : 'running', pid: Pid }
      return { status: 'exited', exitCode: ExitCode, oomKilled: OOMKilled && !outlived.has(leaseId) }
    },
    exec,
    connect: forwarders.connect,
    listen: forwarders.listen,
    freeze: (leaseId) => turn(leaseId, () => pauseOrNot(leaseId, true)),
    thaw: (leaseId) => turn(leaseId, () => pauseOrNot(leaseId, false)),
    seal: (leaseId) => turn(leaseId, () => seal(leaseId)),
    shrink: (leaseId, cpuMillis) => turn(leaseId, () => limitCpu(leaseId, cpuMillis)),
    counters: (leaseId) => turn(`${leaseId} counters`, () => counters(leaseId)),
    remove: (leaseId) =>
      turn(leaseId, async () => {
        first.delete(leaseId)
        outlived.delete(leaseId)
        await forwarders.end(leaseId)
        await destroy(leaseId).catch((error: unknown) => {
          throw dockerFault(error, 'remove a machine')
        })
      }),
    list: async () => {
      const filters = { label: [`${PROVIDER_LABEL}=${provider}`] }
      const all = await call('list machines', docker.listContainers({ all: true, filters }))
      // A folder without a container is what a crash left between the two: it is named so that it is removed.
      return [...new Set([...all.flatMap((one) => one.Labels[LEASE_LABEL] ?? []), ...leaseFolders(dataDir)])]
    },
    close: async () => {
      await forwarders.close()
      first.clear()
    },
  }
}

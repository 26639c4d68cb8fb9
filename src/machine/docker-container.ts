import { join } from 'node:path'
import type Docker from 'dockerode'
import { BUSYBOX_PATH } from './busybox-image.ts'
import { diskFolder, WRITABLE } from './disk.ts'
import type { MachineSpec } from './port.ts'
import { TOOLBOX_BIN, TOOLBOX_BUSYBOX, TOOLBOX_PATH } from './toolbox.ts'

/** Labels by which a restarted provider knows its own. */
export const LEASE_LABEL = 'zennet.lease'
export const PROVIDER_LABEL = 'zennet.provider'

const MIB = 1_048_576
/** The kernel's usual period of the CPU quota, microseconds. */
const CPU_PERIOD_US = 100_000
/** As long as busybox's `sleep` can count: 68 years. */
const FOREVER_SECONDS = '2147483647'
/**
 * The first process, which collects orphans and does nothing else. As number 1 it is sent no signal from inside that it does not take:
 * when it ends, the host ended it, or there was no memory left. Docker's own init hands signals on, and ends when its child is killed.
 */
const STAND = `while :; do ${TOOLBOX_BUSYBOX} sleep ${FOREVER_SECONDS} & wait; done`

export type ContainerPlan = {
  readonly spec: MachineSpec
  readonly provider: string
  /** `Env` of the image's config. */
  readonly imageEnv: readonly string[]
  /** `Volumes` of the image's config: left alone, Docker would make each a folder of the host without any quota. */
  readonly imageVolumes: readonly string[]
  /** Folder on the host for `/.zennet`; without it the image must have a `sleep`. */
  readonly toolbox: string | undefined
  /** The lease's folder when it has a disk of its own; else the quota is shared out to tmpfs. */
  readonly disk: string | undefined
  readonly parentCgroup: string | undefined
}

/** Shares of the quota where only memory can hold it: one size for all would be more than what was agreed. */
const TMPFS_SHARES: Readonly<Record<string, number>> = { '/root': 2, '/home': 1, '/tmp': 1 }

const writable = (plan: ContainerPlan): Pick<Docker.HostConfig, 'Binds' | 'Tmpfs'> => {
  const toolbox = plan.toolbox === undefined ? [] : [`${plan.toolbox}:${TOOLBOX_PATH}:ro`]
  const small = `rw,nosuid,nodev,mode=755,size=${16 * MIB}`
  const volumes = plan.imageVolumes.filter((place) => !WRITABLE.some((one) => one.place === place))
  const run = Object.fromEntries(['/run', ...volumes].map((place) => [place, small]))
  if (plan.disk !== undefined) {
    const disk = diskFolder(plan.disk)
    return { Binds: [...toolbox, ...WRITABLE.map(({ name, place }) => `${join(disk, name)}:${place}:rw`)], Tmpfs: run }
  }
  const shares = Object.entries(TMPFS_SHARES).map(([place, share]) => {
    const size = Math.floor((plan.spec.resources.diskBytes * share) / 4)
    return [place, `rw,exec,nosuid,nodev,mode=${place === '/tmp' ? '1777' : '755'},size=${size}`]
  })
  return { Binds: toolbox, Tmpfs: { ...run, ...Object.fromEntries(shares) } }
}

/** PATH of the image with the toolbox last: the image's own programs win. */
export const pathWithToolbox = (imageEnv: readonly string[]): string => {
  const path = imageEnv.find((line) => line.startsWith('PATH='))?.slice('PATH='.length)
  return `${path === undefined || path === '' ? BUSYBOX_PATH : path}:${TOOLBOX_BIN}`
}

export const cpuQuota = (cpuMillis: number): { readonly CpuPeriod: number; readonly CpuQuota: number } => ({
  CpuPeriod: CPU_PERIOD_US,
  CpuQuota: Math.max(1_000, Math.floor((cpuMillis * CPU_PERIOD_US) / 1_000)),
})

/** The hardened container of a lease, whose first process does nothing but stand. Measured: 238 ms to make and start. */
export const containerOptions = (plan: ContainerPlan): Docker.ContainerCreateOptions => {
  const { leaseId, image, resources, network } = plan.spec
  return {
    name: `zennet-${leaseId}`,
    Image: image,
    Hostname: `lease-${leaseId.slice(0, 12)}`,
    User: '0:0',
    WorkingDir: '/root',
    Env: [`PATH=${pathWithToolbox(plan.imageEnv)}`],
    Entrypoint: plan.toolbox === undefined ? ['sleep'] : [TOOLBOX_BUSYBOX, 'sh', '-c'],
    Cmd: plan.toolbox === undefined ? [FOREVER_SECONDS] : [STAND, 'zennet-init'],
    // An image's own health check would run in the tenant's machine at the tenant's cost.
    Healthcheck: { Test: ['NONE'] },
    Labels: { [LEASE_LABEL]: leaseId, [PROVIDER_LABEL]: plan.provider },
    StopTimeout: 0,
    HostConfig: {
      ...writable(plan),
      NetworkMode: network,
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Memory: resources.memoryBytes,
      // Memory and swap together: no swap.
      MemorySwap: resources.memoryBytes,
      ...cpuQuota(resources.cpuMillis),
      PidsLimit: resources.pids,
      Init: plan.toolbox === undefined,
      IpcMode: 'private',
      LogConfig: { Type: 'none', Config: {} },
      RestartPolicy: { Name: 'no' },
      ...(plan.parentCgroup === undefined ? {} : { CgroupParent: plan.parentCgroup }),
    },
  }
}

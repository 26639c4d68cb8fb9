import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe } from 'vitest'
import { BUSYBOX_IMAGE } from '../../src/machine/busybox-image.ts'
import { findProgram } from '../../src/machine/host-program.ts'
import { namespaceMachines } from '../../src/machine/namespace.ts'
import { processesMarkedBy } from '../../src/machine/namespace-start.ts'
import { staticBusybox } from '../../src/machine/toolbox.ts'
import { hostileTenantsContract } from '../contracts/hostile-tenants.ts'
import { machineForwardsContract } from '../contracts/machine-forwards.ts'
import { machinesContract, mountsOf } from '../contracts/machines.ts'
import { scratchCgroup, scratchFolder } from '../docker/private-dockerd.ts'

const root = process.getuid?.() === 0
const missing = [
  ...['unshare', 'nsenter', 'setpriv'].filter((name) => findProgram(name) === undefined),
  ...(staticBusybox() === undefined ? ['busybox-static'] : []),
]

describe.skipIf(missing.length > 0 && !process.env['CI'])(`namespaces ${missing.join(' ')}`, () => {
  const held = { limitsMemory: root, limitsCpu: root, limitsPids: root, limitsDisk: true, measuresDisk: true }
  const rig = async () => {
    const dataDir = await scratchFolder()
    const parentCgroup = root ? await scratchCgroup() : undefined
    const provider = `test-${dataDir.slice(-6)}`
    const cgroups = (leaseId: string) =>
      root
        ? readdirSync('/sys/fs/cgroup')
            .flatMap((name) => [`/sys/fs/cgroup/${name}`, '/sys/fs/cgroup'])
            .map((folder) => join(folder, parentCgroup!, provider, leaseId))
            .filter(existsSync)
        : []
    return {
      open: () => namespaceMachines({ provider, dataDir, ...(parentCgroup === undefined ? {} : { parentCgroup }) }),
      leftovers: (leaseId: string) => [
        ...mountsOf(leaseId),
        ...cgroups(leaseId),
        ...[join(dataDir, 'namespace/leases', leaseId)].filter(existsSync),
        ...processesMarkedBy(join(dataDir, 'namespace/leases', leaseId)).map((one) => `process ${one.pid}`),
        ...(existsSync('/sys/block') ? readdirSync('/sys/block') : [])
          .map((name) => `/sys/block/${name}/loop/backing_file`)
          .filter((file) => existsSync(file) && readFileSync(file, 'utf8').includes(leaseId)),
      ],
      close: () => rm(dataDir, { recursive: true, force: true }),
    }
  }
  machinesContract('namespace', { ...held, isolates: true, image: BUSYBOX_IMAGE }, rig)
  hostileTenantsContract('namespace', { image: BUSYBOX_IMAGE }, rig)
  machineForwardsContract('namespace', { image: BUSYBOX_IMAGE, forwards: true }, rig)
})

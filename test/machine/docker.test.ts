import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe } from 'vitest'
import { BUSYBOX_IMAGE } from '../../src/machine/busybox-image.ts'
import { dockerMachines } from '../../src/machine/docker.ts'
import { hostileTenantsContract } from '../contracts/hostile-tenants.ts'
import { machineForwardsContract } from '../contracts/machine-forwards.ts'
import { machinesContract, mountsOf } from '../contracts/machines.ts'
import { dockerSocket, scratchFolder, skipWithoutDocker, whyNoDocker } from '../docker/private-dockerd.ts'

const root = process.getuid?.() === 0

describe.skipIf(skipWithoutDocker())(`docker ${whyNoDocker() ?? ''}`, () => {
  const traits = { isolates: true, limitsMemory: true, limitsCpu: true, limitsPids: true, limitsDisk: true }
  const rig = async () => {
    const socketPath = await dockerSocket()
    const dataDir = await scratchFolder()
    return {
      open: () => dockerMachines({ socketPath, provider: `test-${dataDir.slice(-6)}`, dataDir }),
      leftovers: (leaseId: string) => [
        ...mountsOf(leaseId),
        ...[join(dataDir, 'docker/leases', leaseId)].filter(existsSync),
        ...readdirSync('/sys/block')
          .map((name) => `/sys/block/${name}/loop/backing_file`)
          .filter((file) => existsSync(file) && readFileSync(file, 'utf8').includes(leaseId)),
      ],
      close: () => rm(dataDir, { recursive: true, force: true }),
    }
  }
  machinesContract('docker', { ...traits, image: BUSYBOX_IMAGE, measuresDisk: root }, rig)
  hostileTenantsContract('docker', { image: BUSYBOX_IMAGE }, rig)
  describe.skipIf(!root && !process.env['CI'])('with a network (needs root)', () => {
    hostileTenantsContract('docker', { image: BUSYBOX_IMAGE, network: 'bridge' }, rig)
  })
  machineForwardsContract('docker', { image: BUSYBOX_IMAGE, forwards: true }, rig)
})

import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { NO_USAGE } from '../../domain/usage.ts'
import { systemClock } from '../../src/clock/system.ts'
import { BUSYBOX_IMAGE } from '../../src/machine/busybox-image.ts'
import { dockerMachines } from '../../src/machine/docker.ts'
import { namespaceMachines } from '../../src/machine/namespace.ts'
import type { Machines } from '../../src/machine/port.ts'
import { openUsageMeter, type UsageMeter } from '../../src/meter/usage-meter.ts'
import { dockerSocket, scratchFolder } from '../docker/private-dockerd.ts'

// What it costs a provider to meter its machines: real ones, each with a cgroup and a disk of its own, read once a second by the meter that
// bills them. CPU of this whole process, which does nothing else then; the kernel's part of each reading is in it. Run as root:
//   node test/bench/metering.ts [namespace | docker] [MACHINES] [SECONDS]

const DRIVER = process.argv[2] ?? 'namespace'
const COUNT = Number(process.argv[3] ?? 100)
const SECONDS = Number(process.argv[4] ?? 60)
const TARGET_PERCENT = 1.5
/** Made at a time. */
const AT_ONCE = 4
const RESOURCES = { cpuMillis: 100, memoryBytes: 32 << 20, diskBytes: 8 << 20, pids: 32 }
const CAPS = { ioBytesPerS: 1n << 30n, netBytesPerS: 1n << 30n }

const idOf = (n: number): string => n.toString(16).padStart(32, '0')
const ids = Array.from({ length: COUNT }, (_, n) => idOf(n + 1))

const inTurns = async (work: (id: string) => Promise<unknown>): Promise<void> => {
  const left = [...ids]
  const one = async () => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) await work(id)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
}

const open = async (dataDir: string): Promise<Machines> => {
  const provider = `bench-${process.pid}`
  if (DRIVER === 'docker') return await dockerMachines({ provider, dataDir, socketPath: await dockerSocket() })
  if (DRIVER === 'namespace') return await namespaceMachines({ provider, dataDir })
  throw new Error(`no machines of ${DRIVER}`)
}

/** Once a second, all meters, spread over the second as the ticks of leases are. @returns readings that were made */
const meterFor = async (meters: readonly UsageMeter[], seconds: number): Promise<number> => {
  const until = performance.now() + seconds * 1_000
  let readings = 0
  const each = async (meter: UsageMeter, index: number) => {
    await systemClock.sleep((index * 1_000) / meters.length)
    for (let next = performance.now(); next < until; next += 1_000) {
      await systemClock.sleep(Math.max(0, next - performance.now()))
      await meter.sample()
      readings += 1
    }
  }
  await Promise.all(meters.map(each))
  return readings
}

if (process.getuid?.() !== 0) throw new Error('this needs root: cgroups')
const folder = DRIVER === 'docker' ? await scratchFolder() : await mkdtemp(join(tmpdir(), 'zennet-metering-'))
const machines = await open(folder)
try {
  await inTurns((leaseId) => machines.create({ leaseId, image: BUSYBOX_IMAGE, resources: RESOURCES, network: 'none' }))
  const meters = ids.map((leaseId) =>
    openUsageMeter({
      counters: () => machines.counters(leaseId),
      traffic: () => ({ rxBytes: 0n, txBytes: 0n }),
      clock: systemClock,
      resources: RESOURCES,
      caps: CAPS,
      base: NO_USAGE,
    }),
  )
  for (const meter of meters) await meter.resume()
  await meterFor(meters, 5)
  const [begin, used] = [performance.now(), process.cpuUsage()]
  const readings = await meterFor(meters, SECONDS)
  const { user, system } = process.cpuUsage(used)
  const seconds = (performance.now() - begin) / 1_000
  const usages = await Promise.all(meters.map((meter) => meter.sample()))
  if (usages.some(({ wallUs, memByteSeconds }) => wallUs === 0n || memByteSeconds === 0n))
    throw new Error('a meter read nothing')
  const cpuS = (user + system) / 1e6
  const percent = (cpuS / seconds) * 100
  console.log(`${cpus()[0]?.model}, ${cpus().length} cores, load ${loadavg()[0]!.toFixed(2)}, Node ${process.version}`)
  console.log(`${COUNT} machines (${machines.driver}), ${readings} readings in ${seconds.toFixed(1)} s`)
  console.log(
    `CPU ${cpuS.toFixed(2)} s: ${percent.toFixed(2)} % of a core (wanted: at most ${TARGET_PERCENT} % for 100), ` +
      `${Math.round((cpuS * 1e6) / readings)} µs a reading`,
  )
} finally {
  await inTurns((leaseId) => machines.remove(leaseId))
  await machines.close()
  await rm(folder, { recursive: true, force: true })
}

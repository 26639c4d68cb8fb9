import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/clock/system.ts'
import { BUSYBOX_IMAGE } from '../../src/machine/busybox-image.ts'
import { namespaceMachines } from '../../src/machine/namespace.ts'
import { removeEmptyCgroup, weigh } from '../../src/machine/namespace-cgroup.ts'
import type { Machines } from '../../src/machine/port.ts'
import { SPARE_PARENT } from '../../src/machine/spare-cgroup.ts'
import { openHostLoad } from '../../src/spare/host-load.ts'
import { SpareCycles, type Tenant } from '../../src/spare/spare-cycles.ts'

// How much slower an owner's work is beside a lease that burns all cores. Run as root, on a calm machine:
//   node test/bench/owner.ts [ROUNDS] [shield]
// With `shield` (cgroup v1), owner and leases are together in a cgroup beside which the rest of the machine weighs next to nothing; inside
// of it they stand as they do on a host. What is seen of the owner's load is still that of the whole machine: only weights are told then.

const ROUNDS = Number(process.argv[2] ?? 7)
const CORES = cpus().length
const SHIELD = process.argv[3] === 'shield' ? '/zennet-bench' : ''
const SHIELD_FOLDER = `/sys/fs/cgroup/cpu${SHIELD}`
const ALWAYS = '/always'
const LEASE = '0'.repeat(31)
/** About a second and a half of one core. */
const WORK = `const { createHash } = require('node:crypto')
let hash = Buffer.alloc(32)
const began = performance.now()
for (let i = 0; i < 1500000; i++) hash = createHash('sha256').update(hash).digest()
console.log(performance.now() - began)`

const median = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)]!

/** The owner works on so many cores at once. @returns how long that took without starting the programs, ms */
const own = async (threads: number): Promise<number> => {
  const one = () =>
    new Promise<number>((done, failed) => {
      const join = SHIELD === '' ? ':' : `echo $$ > ${SHIELD_FOLDER}/tasks`
      const argv = ['-c', `${join}; exec "$@"`, 'sh', process.execPath, '-e', WORK]
      const child = spawn('/bin/sh', argv, { stdio: ['ignore', 'pipe', 'inherit'] })
      let said = ''
      child.stdout.on('data', (chunk) => {
        said += String(chunk)
      })
      child.once('error', failed).once('close', () => done(Number(said)))
    })
  return Math.max(...(await Promise.all(Array.from({ length: threads }, one))))
}

type Mode = { readonly name: string; readonly parentCgroup: string; readonly givesWay?: true }
const MODES: readonly Mode[] = [
  { name: 'always', parentCgroup: ALWAYS },
  { name: 'idle, by weight alone', parentCgroup: SPARE_PARENT },
  { name: 'idle, pause alone', parentCgroup: ALWAYS, givesWay: true },
  { name: 'idle', parentCgroup: SPARE_PARENT, givesWay: true },
]

/** What the provider does in the mode `idle`. */
const giveWay = (machines: Machines): { stop(): Promise<void> } => {
  const stop = new AbortController()
  const tenant: Tenant = {
    leaseId: LEASE,
    cpuMillis: CORES * 1_000,
    pause: (code, paused) => {
      if (code === 'owner-busy') void (paused ? machines.freeze(LEASE) : machines.thaw(LEASE)).catch(() => {})
    },
    shrunkTo: undefined,
    note: async () => {},
    stop: () => {},
  }
  const ownUse = async () => Number((await machines.counters(LEASE)).cpuUs)
  const cycles = new SpareCycles({
    clock: systemClock,
    log: { info() {}, warn() {}, error() {} } as never,
    sample: openHostLoad(() => systemClock.steadyUs(), ownUse),
    tenants: async () => [tenant],
    shrink: (leaseId, cpuMillis) => machines.shrink(leaseId, cpuMillis),
  })
  const done = cycles.run(stop.signal).catch(() => {})
  return {
    stop: async () => {
      stop.abort(new Error('measured'))
      await done
    },
  }
}

/** Lets a lease burn all cores while the owner works. */
const beside = async (mode: Mode, folder: string, threads: number): Promise<number> => {
  const parentCgroup = `${SHIELD}${mode.parentCgroup}`
  const machines = await namespaceMachines({ provider: `bench-${process.pid}`, dataDir: folder, parentCgroup })
  const resources = { cpuMillis: CORES * 1_000, memoryBytes: 64 << 20, diskBytes: 16 << 20, pids: 64 }
  await machines.create({ leaseId: LEASE, image: BUSYBOX_IMAGE, resources, network: 'none' })
  try {
    const burn = `for i in $(seq ${CORES}); do while :; do :; done & done; wait`
    const burning = await machines.exec(LEASE, { argv: ['sh', '-c', burn] })
    burning.stdout.resume()
    burning.stderr?.resume()
    const giving = mode.givesWay ? giveWay(machines) : undefined
    await systemClock.sleep(500)
    const ms = await own(threads)
    await giving?.stop()
    return ms
  } finally {
    await machines.remove(LEASE)
    await machines.close()
  }
}

if (process.getuid?.() !== 0 || !weigh(`${SHIELD}${SPARE_PARENT}`, 'least'))
  throw new Error('this needs root, and a cgroup with weights')
weigh(`${SHIELD}${ALWAYS}`, 'usual')
if (SHIELD !== '') writeFileSync(`${SHIELD_FOLDER}/cpu.shares`, '262144')
const folder = await mkdtemp(join(tmpdir(), 'zennet-owner-'))
try {
  console.log(`${CORES} cores, load ${loadavg()[0]!.toFixed(2)} before, ${ROUNDS} rounds, medians`)
  for (const threads of [1, CORES]) {
    const alone: number[] = []
    const seen = new Map<Mode, number[]>(MODES.map((mode) => [mode, []]))
    for (let round = 0; round < ROUNDS; round += 1) {
      alone.push(await own(threads))
      for (const mode of MODES) seen.get(mode)!.push(await beside(mode, folder, threads))
    }
    const base = median(alone)
    console.log(`owner on ${threads} core(s): ${base.toFixed(0)} ms alone`)
    for (const [{ name }, all] of seen) {
      const slower = `${((median(all) / base - 1) * 100).toFixed(1).padStart(6)} % slower`
      console.log(`  ${name.padEnd(22)} ${median(all).toFixed(0).padStart(6)} ms ${slower}`)
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true })
  for (const name of [SPARE_PARENT, ALWAYS]) removeEmptyCgroup(`${SHIELD}${name}`)
  if (SHIELD !== '') removeEmptyCgroup(SHIELD)
}

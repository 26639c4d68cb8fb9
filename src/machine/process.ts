import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../../domain/fault.ts'
import { noForward } from './forward/forwarders.ts'
import type { MachineProcess, MachineState, Machines } from './port.ts'
import { KILL_LIMIT_MS, killMarked, type ProcessHome, startProcess } from './process-exec.ts'
import { type ProcessRecord, readRecord, writeRecord } from './process-record.ts'
import { processesMarked, sampleProcess, signal } from './process-table.ts'
import { folderBytes, type ProcessUsage, usageMeter } from './process-usage.ts'
import { until } from './within.ts'

/** The one "image": what the host has installed. */
export const HOST_IMAGE = 'host'
/** A lease id becomes a folder name and a mark in an environment. */
const LEASE_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/
const HOST_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const POLL_MS = 10

/** `NAME=value` in the environment of a lease's processes. Other providers on this host have other folders, and so other marks. */
export const processMark = (dataDir: string, leaseId: string): string =>
  `ZENNET_LEASE=${leaseId}.${createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 16)}`

const gone = (leaseId: string) =>
  new Fault('machine.gone', `There is no running machine for lease ${leaseId}.`, { culprit: 'provider' })

/**
 * Machines that are plain processes of this host, **with no isolation at all**: whoever gets into one is the user that runs the
 * provider, reads its files, uses its network and sees its other leases. A stand-in for tests and for renting to oneself; the provider
 * offers it only by explicit opt-in, and every offer says isolation `none`.
 *
 * - One folder per lease is HOME; the environment is clean. Nothing of `MachineSpec.resources` or `network` is enforced.
 * - A mark in the environment finds a lease's processes. One that wipes its environment escapes freezing, metering and removal.
 * - Counters are best effort: CPU and I/O as sampled, memory as the sum of resident pages (shared ones counted each time), disk as the
 *   folder's blocks, network always 0.
 * - Linux only in full; without `/proc` nothing is counted or frozen beyond process groups.
 *
 * A first process that does nothing stands for the machine, so that it outlives a provider that crashes and is adopted by its record.
 * Beyond the port's faults: `machine.frozen` when a program is to be started in a frozen machine.
 */
export const processMachines = ({ dataDir }: { readonly dataDir: string }): Machines => {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const meters = new Map<string, ReturnType<typeof usageMeter>>()
  const exits = new Map<string, number>()
  const running = new Set<MachineProcess>()

  const folderOf = (leaseId: string) => {
    if (!LEASE_ID.test(leaseId))
      throw new Fault('machine.gone', 'A lease id has letters, digits, - and _ only.', { culprit: 'you' })
    return join(dataDir, leaseId)
  }
  const recordOf = (leaseId: string) => readRecord(folderOf(leaseId))
  const markOf = (leaseId: string) => processMark(dataDir, leaseId)
  const homeOf = (leaseId: string): ProcessHome => {
    const folder = join(folderOf(leaseId), 'home')
    const env = { HOME: folder, PATH: HOST_PATH, SHELL: '/bin/sh', USER: 'lease', LOGNAME: 'lease' }
    return { folder, env: { ...env, ZENNET_LEASE: markOf(leaseId).slice('ZENNET_LEASE='.length) } }
  }
  const stands = (record: ProcessRecord): boolean => {
    const sample = sampleProcess(record.pid)
    return sample !== undefined && sample.startedAt === record.startedAt && sample.state !== 'Z'
  }
  const standing = (leaseId: string): ProcessRecord => {
    const record = recordOf(leaseId)
    if (record === undefined || !stands(record)) throw gone(leaseId)
    return record
  }

  /** Starts the process that stands for the machine. Nothing is awaited, so two calls cannot make two. */
  const start = (leaseId: string, used: ProcessUsage) => {
    const home = homeOf(leaseId)
    mkdirSync(home.folder, { recursive: true, mode: 0o700 })
    const keeper = spawn('tail', ['-f', '/dev/null'], {
      cwd: home.folder,
      env: home.env,
      detached: true,
      stdio: 'ignore',
    })
    keeper.once('error', () => {})
    keeper.once('exit', (code, name) => exits.set(leaseId, code ?? (name === 'SIGKILL' ? 137 : 143)))
    keeper.unref()
    const sample = keeper.pid === undefined ? undefined : sampleProcess(keeper.pid)
    if (keeper.pid === undefined || sample === undefined)
      throw new Fault('machine.unavailable', 'This host cannot start `tail`, or has no /proc.', { culprit: 'host' })
    exits.delete(leaseId)
    writeRecord(folderOf(leaseId), { pid: keeper.pid, startedAt: sample.startedAt, frozen: false, used })
  }

  /** Signals all processes of a lease until each is in the wanted state. */
  const signalAll = async (leaseId: string, name: 'SIGSTOP' | 'SIGCONT') => {
    for (const end = performance.now() + KILL_LIMIT_MS; performance.now() < end; await sleep(POLL_MS)) {
      const other = processesMarked(markOf(leaseId)).filter((pid) => {
        const state = sampleProcess(pid)?.state
        return state !== undefined && state !== 'Z' && (state === 'T') !== (name === 'SIGSTOP')
      })
      if (other.length === 0) return
      for (const pid of other) signal(pid, name)
    }
  }

  const inspect = async (leaseId: string): Promise<MachineState> => {
    const record = recordOf(leaseId)
    if (record === undefined) return { status: 'absent' }
    if (stands(record)) return { status: record.frozen ? 'frozen' : 'running', pid: record.pid }
    return { status: 'exited', exitCode: exits.get(leaseId) ?? 255, oomKilled: false }
  }

  return {
    driver: 'process',
    isolation: 'none',
    images: async () => [HOST_IMAGE],
    create: async ({ leaseId, image }) => {
      const record = recordOf(leaseId)
      if (image !== HOST_IMAGE)
        throw new Fault('machine.no-image', `The only image without isolation is "${HOST_IMAGE}".`, {
          culprit: 'publisher',
        })
      if (record === undefined) start(leaseId, { cpuUs: 0n, ioReadBytes: 0n, ioWriteBytes: 0n })
      else if (!stands(record)) start(leaseId, record.used)
    },
    inspect,
    exec: async (leaseId, spec) => {
      if (standing(leaseId).frozen)
        throw new Fault('machine.frozen', `The machine of lease ${leaseId} is frozen.`, { next: 'Thaw it first.' })
      const started = await startProcess(homeOf(leaseId), spec)
      running.add(started)
      started.exited.then(() => running.delete(started))
      return started
    },
    // A connection from here is one from the host, which a tenant must not get for the asking, however little is kept from it.
    connect: () => Promise.reject(noForward('these machines have no network of their own, only the host’s')),
    listen: () => Promise.reject(noForward('these machines have no network of their own, only the host’s')),
    freeze: async (leaseId) => {
      writeRecord(folderOf(leaseId), { ...standing(leaseId), frozen: true })
      await signalAll(leaseId, 'SIGSTOP')
    },
    thaw: async (leaseId) => {
      writeRecord(folderOf(leaseId), { ...standing(leaseId), frozen: false })
      await signalAll(leaseId, 'SIGCONT')
    },
    seal: async (leaseId) => {
      const { pid } = standing(leaseId)
      const others = () => processesMarked(markOf(leaseId)).filter((one) => one !== pid)
      const ended = await until(KILL_LIMIT_MS, () => {
        for (const one of others()) signal(one, 'SIGKILL')
        return others().length === 0
      })
      if (!ended)
        throw new Fault('machine.unavailable', `Processes of lease ${leaseId} do not end.`, { culprit: 'host' })
      writeRecord(folderOf(leaseId), { ...standing(leaseId), frozen: false })
      signal(pid, 'SIGCONT')
    },
    // Nothing of its resources is enforced in any case.
    shrink: async () => {},
    counters: async (leaseId) => {
      const record = recordOf(leaseId)
      if (record === undefined) throw gone(leaseId)
      const meter = meters.get(leaseId) ?? usageMeter(record.used)
      meters.set(leaseId, meter)
      const samples = processesMarked(markOf(leaseId)).flatMap((pid) => sampleProcess(pid) ?? [])
      const used = meter(samples)
      writeRecord(folderOf(leaseId), { ...record, used })
      return {
        ...used,
        memoryBytes: samples.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0n),
        diskBytes: folderBytes(homeOf(leaseId).folder),
        netRxBytes: 0n,
        netTxBytes: 0n,
      }
    },
    remove: async (leaseId) => {
      const folder = folderOf(leaseId)
      if (!(await killMarked(markOf(leaseId))))
        throw new Fault('machine.unavailable', `Processes of lease ${leaseId} do not end.`, { culprit: 'host' })
      if (existsSync(folder)) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
      meters.delete(leaseId)
      exits.delete(leaseId)
    },
    list: async () => readdirSync(dataDir).filter((name) => LEASE_ID.test(name) && recordOf(name) !== undefined),
    close: async () => {
      await Promise.all([...running].map((started) => started.kill()))
    },
  }
}

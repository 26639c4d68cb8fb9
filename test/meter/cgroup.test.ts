import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cgroupMounts, cgroupPaths, cgroupsOf } from '../../src/meter/cgroup.ts'
import { networkBytes, networkOf, oomKills, readCounters } from '../../src/meter/counters.ts'

const V1 = {
  mountinfo: [
    '30 23 0:26 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs ro,mode=755',
    '33 30 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct',
    '34 30 0:30 / /sys/fs/cgroup/memory rw,nosuid shared:10 - cgroup cgroup rw,memory',
    '35 30 0:31 / /sys/fs/cgroup/blkio rw shared:11 - cgroup cgroup rw,blkio',
    '36 30 0:32 / /sys/fs/cgroup/freezer rw shared:12 - cgroup cgroup rw,freezer',
    '37 30 0:33 / /sys/fs/cgroup/pids rw shared:13 - cgroup cgroup rw,pids',
  ].join('\n'),
  cgroup: [
    ...['12:pids:/docker/abc', '9:freezer:/docker/abc', '7:blkio:/docker/abc', '5:memory:/docker/abc'],
    ...['3:cpu,cpuacct:/docker/abc', '1:name=systemd:/docker/abc', ''],
  ].join('\n'),
}
const V2 = {
  mountinfo: '24 23 0:22 / /sys/fs/cgroup rw,nosuid,nodev,noexec shared:4 - cgroup2 cgroup2 rw,nsdelegate\n',
  cgroup: '0::/system.slice/docker-abc.scope\n',
}

describe('the cgroup of a process', () => {
  it('is one folder for each controller on v1', () => {
    const paths = cgroupPaths(V1.cgroup, V1.mountinfo)
    expect(paths.cpu).toEqual({ version: 1, folder: '/sys/fs/cgroup/cpu,cpuacct/docker/abc' })
    expect(paths.memory).toEqual({ version: 1, folder: '/sys/fs/cgroup/memory/docker/abc' })
    expect(paths.io?.folder).toBe('/sys/fs/cgroup/blkio/docker/abc')
    expect(paths.freezer?.folder).toBe('/sys/fs/cgroup/freezer/docker/abc')
    expect(paths.pids?.folder).toBe('/sys/fs/cgroup/pids/docker/abc')
  })

  it('is one folder for all on v2', () => {
    const place = { version: 2, folder: '/sys/fs/cgroup/system.slice/docker-abc.scope' }
    expect(cgroupPaths(V2.cgroup, V2.mountinfo)).toEqual({
      ...{ cpu: place, memory: place, io: place, pids: place, freezer: place },
    })
  })

  it('is that of v1 on a hybrid host, whose v2 is empty', () => {
    const unified = '38 30 0:34 / /sys/fs/cgroup/unified rw shared:5 - cgroup2 cgroup2 rw\n'
    const paths = cgroupPaths(`${V1.cgroup}0::/docker/abc\n`, `${V1.mountinfo}\n${unified}`)
    expect(paths.memory?.version).toBe(1)
    expect(paths.cpu?.version).toBe(1)
  })

  it('is that of v2 for what a hybrid host has no v1 of', () => {
    const mounts = `${V1.mountinfo.split('\n').slice(0, 2).join('\n')}\n39 30 0:34 / /u rw - cgroup2 cgroup2 rw\n`
    const paths = cgroupPaths('3:cpu,cpuacct:/a\n0::/b\n', mounts)
    expect(paths.cpu).toEqual({ version: 1, folder: '/sys/fs/cgroup/cpu,cpuacct/a' })
    expect(paths.memory).toEqual({ version: 2, folder: '/u/b' })
  })

  it('is found below the root of a mount that shows only a part', () => {
    const mounts = '34 30 0:30 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n'
    expect(cgroupPaths('5:memory:/docker/abc/inner\n', mounts).memory?.folder).toBe('/sys/fs/cgroup/memory/inner')
    expect(cgroupPaths('5:memory:/docker/abc\n', mounts).memory?.folder).toBe('/sys/fs/cgroup/memory')
    expect(cgroupPaths('5:memory:/docker/abcdef\n', mounts).memory).toBeUndefined()
    expect(cgroupPaths('5:memory:/elsewhere\n', mounts).memory).toBeUndefined()
  })

  it('may have spaces in its mount point', () => {
    expect(cgroupMounts('1 1 0:1 / /a\\040b rw - cgroup2 cgroup2 rw\n')[0]?.point).toBe('/a b')
  })

  it('is nothing where nothing is mounted', () => expect(cgroupPaths('', '')).toEqual({}))
})

describe('counters', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'zennet-cgroup-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const files = (all: Record<string, string>) => {
    for (const [name, text] of Object.entries(all)) writeFileSync(join(folder, name), text)
  }

  it('are read from v1 files', () => {
    files({
      'cpuacct.usage': '1234567890\n',
      'memory.usage_in_bytes': '1000000\n',
      'memory.stat': 'cache 1\ninactive_file 5\ntotal_cache 2\ntotal_inactive_file 400000\n',
      'blkio.throttle.io_service_bytes':
        '8:0 Read 4096\n8:0 Write 100\n8:0 Sync 1\n8:16 Read 4\n8:16 Write 5\nTotal 4205\n',
      'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n',
    })
    const place = { version: 1, folder } as const
    expect(readCounters({ cpu: place, memory: place, io: place })).toEqual({
      ...{ cpuUs: 1_234_567n, memoryBytes: 600_000n, ioReadBytes: 4_100n, ioWriteBytes: 105n },
    })
    expect(oomKills(place)).toBe(3n)
  })

  it('are read from v2 files', () => {
    files({
      'cpu.stat': 'usage_usec 777\nuser_usec 700\nsystem_usec 77\n',
      'memory.current': '5000\n',
      'memory.stat': 'anon 1\nfile 2\ninactive_file 6000\n',
      'io.stat': '8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n8:16 rbytes=1 wbytes=2 rios=1 wios=1\n',
      'memory.events': 'low 0\nhigh 0\nmax 9\noom 1\noom_kill 1\n',
    })
    const place = { version: 2, folder } as const
    expect(readCounters({ cpu: place, memory: place, io: place })).toEqual({
      ...{ cpuUs: 777n, memoryBytes: 0n, ioReadBytes: 11n, ioWriteBytes: 22n },
    })
    expect(oomKills(place)).toBe(1n)
  })

  it('are 0 where files are missing or torn', () => {
    files({ 'cpuacct.usage': 'garbage' })
    const place = { version: 1, folder } as const
    const none = { cpuUs: 0n, memoryBytes: 0n, ioReadBytes: 0n, ioWriteBytes: 0n }
    expect(readCounters({ cpu: place, memory: place, io: place })).toEqual(none)
    expect(readCounters({})).toEqual(none)
  })

  it('of the network leave loopback out', () => {
    const header = 'Inter-|   Receive  |  Transmit\n face |bytes packets |bytes packets\n'
    const lo = '    lo: 999 9 0 0 0 0 0 0 999 9 0 0 0 0 0 0\n'
    const eth = '  eth0:100 1 0 0 0 0 0 0 200 2 0 0 0 0 0 0\n eth1: 1 1 0 0 0 0 0 0 2 2 0 0 0 0 0 0\n'
    expect(networkBytes(header + lo + eth)).toEqual({ rxBytes: 101n, txBytes: 202n })
    expect(networkOf(2 ** 30)).toEqual({ rxBytes: 0n, txBytes: 0n })
  })
})

/** Where this host counts anything: the test's own process is looked at. */
const counted = (() => {
  try {
    return cgroupsOf(process.pid).cpu !== undefined && readCounters(cgroupsOf(process.pid)).cpuUs > 0n
  } catch {
    return false
  }
})()

describe.skipIf(!counted)('the counters of this host', () => {
  it('rise with a busy loop', async () => {
    const child = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' })
    try {
      const before = readCounters(cgroupsOf(child.pid!)).cpuUs
      await expect
        .poll(() => readCounters(cgroupsOf(child.pid!)).cpuUs - before > 100_000n, { timeout: 30_000 })
        .toBe(true)
    } finally {
      child.kill('SIGKILL')
    }
  })

  it('are those of the kernel’s own file', () => {
    const { cpu } = cgroupsOf(process.pid)
    const file = cpu?.version === 1 ? 'cpuacct.usage' : 'cpu.stat'
    expect(readFileSync(join(cpu!.folder, file), 'utf8')).toMatch(/\d+/)
  })
})

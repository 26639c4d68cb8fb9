import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const attempt = (program: string, ...args: string[]) => {
  try {
    execFileSync(program, args, { stdio: 'pipe' })
  } catch {
    // It was gone already, or the next step does it.
  }
}

const lines = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [])

/** Host pids of processes whose command line names something under `root`: all were started for it. */
const processesOf = (root: string) =>
  readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return false
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(`${root}/`)
    } catch {
      return false
    }
  })

const removeCgroup = (path: string) => {
  if (!existsSync(path)) return
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory()) removeCgroup(join(path, entry.name))
  for (const pid of lines(join(path, 'cgroup.procs'))) attempt('kill', '-9', pid)
  try {
    rmdirSync(path)
  } catch {
    // A process in it is still ending; the caller comes again.
  }
}

/** Cgroups called `name` under any mounted hierarchy. */
const cgroupsOf = (name: string) =>
  lines('/proc/self/mountinfo')
    .filter((line) => / - cgroup2? /.test(line))
    .map((line) => join(line.split(' ')[4]!, name))
    .filter(existsSync)

/** Letters and digits that tell one run from another, out of the random end of its folder's name. */
export const tagOf = (root: string) =>
  root
    .slice(-6)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, 'x')

/** The cgroup under which a run's machines lie. */
export const cgroupName = (root: string) => `zennet-test-${tagOf(root)}`

/** Takes down whatever a test run left under its folder: processes, mounts, loop devices, cgroups, bridge, and the folder. */
export const sweep = async (root: string, names: { bridge: string; cgroup: string }) => {
  for (let round = 0; round < 50; round += 1) {
    for (const pid of processesOf(root)) attempt('kill', '-9', pid)
    const mounts = lines('/proc/self/mountinfo').map((line) => line.split(' ')[4]!)
    for (const mount of mounts.filter((path) => path.startsWith(`${root}/`)).reverse()) attempt('umount', '-l', mount)
    for (const device of existsSync('/sys/block') ? readdirSync('/sys/block') : [])
      if (lines(`/sys/block/${device}/loop/backing_file`)[0]?.startsWith(`${root}/`))
        attempt('losetup', '-d', `/dev/${device}`)
    for (const path of cgroupsOf(names.cgroup)) removeCgroup(path)
    if (processesOf(root).length === 0 && cgroupsOf(names.cgroup).length === 0) break
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  attempt('ip', 'link', 'delete', names.bridge)
  rmSync(root, { recursive: true, force: true, maxRetries: 5 })
}

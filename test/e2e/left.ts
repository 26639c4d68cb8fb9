import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Docker from 'dockerode'
import { LEASE_LABEL } from '../../src/machine/docker-container.ts'

const lines = (path: string): string[] => (existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [])

const processes = (marks: readonly string[]): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        return marks.some((mark) => command.includes(mark)) ? [`process ${pid}: ${command}`] : []
      } catch {
        return []
      }
    })

const cgroups = (marks: readonly string[]): string[] => {
  const found: string[] = []
  const walk = (folder: string, depth: number): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (!entry.isDirectory() || entry.isSymbolicLink()) continue
      const path = join(folder, entry.name)
      if (marks.some((mark) => entry.name.includes(mark))) found.push(`cgroup ${path}`)
      else if (depth > 0)
        try {
          walk(path, depth - 1)
        } catch {
          // It was removed while we looked.
        }
    }
  }
  if (existsSync('/sys/fs/cgroup')) walk('/sys/fs/cgroup', 4)
  return found
}

/** Everything on this host that still belongs to a market: by its folder, by its lease ids, by the containers that it had. */
export const leftOnHost = async (folder: string, leaseIds: readonly string[], socket?: string): Promise<string[]> => {
  const docker = socket === undefined ? undefined : new Docker({ socketPath: socket })
  const containers = (await docker?.listContainers({ all: true })) ?? []
  return [
    ...containers
      .filter((one) => leaseIds.includes(one.Labels[LEASE_LABEL] ?? ''))
      .map((one) => `container ${one.Names.join()}`),
    ...lines('/proc/self/mountinfo').filter((line) => line.includes(`${folder}/`)),
    ...(existsSync('/sys/block') ? readdirSync('/sys/block') : [])
      .filter((device) => lines(`/sys/block/${device}/loop/backing_file`).some((file) => file.startsWith(folder)))
      .map((device) => `loop device ${device}`),
    ...cgroups(leaseIds),
    ...processes([`${folder}/`, ...leaseIds]),
  ]
}

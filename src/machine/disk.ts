import { existsSync, readFileSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '../../domain/fault.ts'
import { findProgram, runProgram } from './host-program.ts'
import { UNMOUNT_LIMIT_MS } from './limits.ts'
import { until } from './within.ts'

/** The writable folders of every machine: name on the lease's disk, place in the machine, mode. */
export const WRITABLE = [
  { name: 'root', place: '/root', mode: 0o700 },
  { name: 'home', place: '/home', mode: 0o755 },
  { name: 'tmp', place: '/tmp', mode: 0o1777 },
  { name: 'var-tmp', place: '/var/tmp', mode: 0o1777 },
] as const

/** Below this an ext4 has no room for anything. */
const SMALLEST_BYTES = 1_048_576

const mounted = (point: string): boolean =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .some((line) => line.split(' ')[4] === point.replaceAll(' ', '\\040'))

/** Where the lease's disk is mounted. */
export const diskFolder = (folder: string): string => join(folder, 'disk')

const format = async (image: string, bytes: number) => {
  const file = await open(image, 'wx', 0o600)
  try {
    // Sparse: 664 KB of real use for an empty one. The size is the tenant's quota: writes beyond it answer ENOSPC.
    await file.truncate(Math.max(bytes, SMALLEST_BYTES))
  } finally {
    await file.close()
  }
  // No journal: a lease's data does not outlive a crash of the host, and a small disk keeps its room.
  await runProgram(
    'mkfs.ext4',
    '-q',
    '-F',
    '-m',
    '0',
    '-O',
    '^has_journal',
    '-E',
    'lazy_itable_init=1,nodiscard',
    image,
  )
}

/**
 * A file of `bytes` with an ext4 in it, mounted through a loop device, with the machine's writable folders owned by `owner`.
 * Needs root. Idempotent; mounts an existing one again after a restart of the host.
 *
 * @throws Fault `machine.no-room` when the host's disk has less than that free
 */
export const makeDisk = async (folder: string, bytes: number, owner: number): Promise<void> => {
  const point = diskFolder(folder)
  if (existsSync(point) && mounted(point)) return
  await mkdir(point, { recursive: true })
  const image = join(folder, 'disk.ext4')
  if (!existsSync(image)) {
    const host = await statfs(folder)
    if (host.bavail * host.bsize < bytes)
      throw new Fault('machine.no-room', `the host has no room for a disk of ${bytes} bytes`, {
        culprit: 'provider',
        next: 'Offer less disk, or free some under the data folder.',
      })
    await rm(`${image}.draft`, { force: true })
    await format(`${image}.draft`, bytes)
    await runProgram('mv', `${image}.draft`, image)
  }
  await runProgram('mount', '-o', 'loop,nosuid,nodev', image, point)
  for (const { name, mode } of WRITABLE) {
    const path = join(point, name)
    await mkdir(path, { recursive: true })
    await chown(path, owner, owner)
    await chmod(path, mode)
  }
}

/** Nothing on the lease's disk can be written any more, whoever tries. Idempotent. @returns false while a file is open for writing */
export const sealDisk = (folder: string): Promise<boolean> =>
  until(UNMOUNT_LIMIT_MS, () =>
    runProgram('mount', '-o', 'remount,ro', diskFolder(folder)).then(
      () => true,
      () => false,
    ),
  )

/** Unmounts the lease's disk and lets its loop device go. Idempotent. */
export const removeDisk = async (folder: string): Promise<void> => {
  const point = diskFolder(folder)
  const free = () =>
    existsSync(point) && mounted(point)
      ? runProgram('umount', point).then(
          () => !mounted(point),
          () => false,
        )
      : Promise.resolve(true)
  // What still ends may hold it for a moment; a lazy unmount is the last resort, its loop device goes with the last user.
  if (!(await until(UNMOUNT_LIMIT_MS, free))) await runProgram('umount', '-l', point)
}

/** Bytes in use on the file system at `path`; 0 when it cannot be asked. */
export const usedBytes = async (path: string): Promise<bigint> => {
  try {
    const { blocks, bfree, bsize } = await statfs(path, { bigint: true })
    return (blocks - bfree) * bsize
  } catch {
    return 0n
  }
}

/** Whether disks can be made here: tried with a small one, since root in a container may have no loop devices. */
export const canMakeDisks = async (dataDir: string): Promise<boolean> => {
  if (process.getuid?.() !== 0 || findProgram('mkfs.ext4') === undefined) return false
  await mkdir(dataDir, { recursive: true })
  const folder = await mkdtemp(join(dataDir, 'disk-probe-'))
  try {
    await makeDisk(folder, SMALLEST_BYTES, 0)
    return true
  } catch {
    return false
  } finally {
    await removeDisk(folder).catch(() => {})
    await rm(folder, { recursive: true, force: true })
  }
}

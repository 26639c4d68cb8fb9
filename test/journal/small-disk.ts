import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A file system of its own, so large and no larger, on a folder. Needs root. */
export type SmallDisk = { readonly folder: string; remove(): Promise<void> }

export const mountSmallDisk = async (bytes: number): Promise<SmallDisk> => {
  const folder = await mkdtemp(join(tmpdir(), 'zennet-small-disk-'))
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=0700`, 'tmpfs', folder])
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
  return {
    folder,
    async remove() {
      await run('umount', [folder])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Why there is none here; undefined when there is. */
export const whyNoSmallDisk = (): string | undefined => {
  if (process.platform !== 'linux') return '(needs Linux)'
  return process.getuid?.() === 0 ? undefined : '(needs root, to mount a small file system)'
}

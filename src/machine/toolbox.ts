import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, realpath, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { loaderOf } from './elf.ts'
import { findProgram, runProgram } from './host-program.ts'

/** Where the helper folder is seen inside every machine, read-only. */
export const TOOLBOX_PATH = '/.zennet'
/** Last on the PATH of every machine: the image's own programs come first. */
export const TOOLBOX_BIN = `${TOOLBOX_PATH}/bin`
/** A static busybox: works in any image, even one without a C library. */
export const TOOLBOX_BUSYBOX = `${TOOLBOX_PATH}/busybox`
/** For the SSH subsystem `sftp`, and what `scp` needs. */
export const SFTP_SERVER = `${TOOLBOX_BIN}/sftp-server`
/** A shell for images that have none. */
export const TOOLBOX_SHELL = `${TOOLBOX_BIN}/sh`
/** Drops capabilities before a tenant's program starts, in machines without Docker. */
export const TOOLBOX_SETPRIV = `${TOOLBOX_BIN}/setpriv`

/** Programs carried into machines with their libraries, besides busybox. */
const CARRIED = ['sftp-server', 'rsync', 'scp', 'setpriv'] as const
/** Raised when the folder's layout changes, so that an older one is not taken for this one. */
const LAYOUT = 1

/** `folder`: on the host. `missing`: what this host does not have, so machines will not either (`busybox`, `rsync`, …). */
export type Toolbox = { readonly folder: string; readonly missing: readonly string[] }

/** The host's static busybox, or undefined when there is none or it needs libraries. */
export const staticBusybox = (): string | undefined => {
  const found = ['/bin/busybox', '/usr/bin/busybox', '/usr/lib/initcpio/busybox', findProgram('busybox')].find(
    (path) => path !== undefined && existsSync(path) && loaderOf(path) === 'static',
  )
  return found
}

/** Absolute paths of the libraries that a loader would map, as `ldd` prints them, without running the program. */
const librariesOf = async (program: string, loader: string): Promise<string[]> =>
  [...(await runProgram(loader, '--list', program)).matchAll(/=> (\/\S+)/g)].map((match) => match[1]!)

const wrapper = (name: string) =>
  `#!${TOOLBOX_BUSYBOX} sh\nexec ${TOOLBOX_PATH}/lib/loader --library-path ${TOOLBOX_PATH}/lib ${TOOLBOX_PATH}/libexec/${name} "$@"\n`

const carry = async (folder: string, name: string, path: string, loader: string) => {
  await copyFile(path, join(folder, 'libexec', name))
  if (loader !== 'static') {
    await copyFile(await realpath(loader), join(folder, 'lib/loader'))
    for (const library of await librariesOf(path, loader))
      await copyFile(await realpath(library), join(folder, 'lib', basename(library)))
  }
  const script =
    loader === 'static' ? `#!${TOOLBOX_BUSYBOX} sh\nexec ${TOOLBOX_PATH}/libexec/${name} "$@"\n` : wrapper(name)
  await writeFile(join(folder, 'bin', name), script)
  await chmod(join(folder, 'bin', name), 0o755)
}

/**
 * Builds the helper folder once under `base` out of the host's own programs, or answers the one that stands there for the same
 * programs. What the host lacks is left out and named.
 */
export const buildToolbox = async (base: string): Promise<Toolbox> => {
  const busybox = staticBusybox()
  const found = CARRIED.map((name) => ({ name, path: findProgram(name) })).flatMap(({ name, path }) => {
    const loader = path === undefined ? undefined : loaderOf(path)
    return path === undefined || loader === undefined ? [] : [{ name, path, loader }]
  })
  // The wrappers are scripts of the toolbox's shell: without it nothing of it can run.
  const carried = busybox === undefined ? [] : found
  const missing = [...(busybox === undefined ? ['busybox'] : []), ...CARRIED].filter(
    (name) => name === 'busybox' || !carried.some((one) => one.name === name),
  )
  const hash = createHash('sha256').update(`layout ${LAYOUT}`)
  for (const path of [...(busybox === undefined ? [] : [busybox]), ...carried.map((one) => one.path)]) {
    const { size, mtimeMs } = await stat(path)
    hash.update(`\n${path} ${size} ${mtimeMs}`)
  }
  const folder = join(base, hash.digest('hex').slice(0, 16))
  if (existsSync(folder)) return { folder, missing }
  await mkdir(base, { recursive: true })
  const draft = await mkdtemp(join(base, 'draft-'))
  for (const name of ['bin', 'lib', 'libexec']) await mkdir(join(draft, name))
  if (busybox !== undefined) {
    await copyFile(busybox, join(draft, 'busybox'))
    await chmod(join(draft, 'busybox'), 0o755)
    await symlink('../busybox', join(draft, 'bin/sh'))
  }
  for (const one of carried) await carry(draft, one.name, one.path, one.loader)
  // Tenants that are not this user must be able to read it.
  await chmod(draft, 0o755)
  await rename(draft, folder).catch(async (error: unknown) => {
    await rm(draft, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  })
  return { folder, missing }
}

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, realpath, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
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

/** Opens sockets inside for the provider's forwards: see forward/helper.pl. Not on the PATH. */
export const FORWARD_HELPER = `${TOOLBOX_PATH}/libexec/forward`
const HELPER_SCRIPT = join(import.meta.dirname, 'forward/helper.pl')

/** Programs carried into machines with their libraries, besides busybox. */
const CARRIED = ['sftp-server', 'rsync', 'scp', 'setpriv'] as const
/** Raised when the folder's layout changes, so that an older one is not taken for this one. */
const LAYOUT = 2

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

/** The host's perl with just what the helper needs of it: `perl-base` on Debian has all of that. */
const carryHelper = async (folder: string, perl: string, loader: string) => {
  const asked = 'print map { "$_\\n" } %INC; print map { "so $_\\n" } @DynaLoader::dl_shared_objects'
  const modules = ['-Mconstant', '-MErrno', '-MFcntl', '-MSocket', '-Mstrict', '-Mwarnings', '-MDynaLoader']
  const lines = (await runProgram(perl, ...modules, '-e', asked)).trimEnd().split('\n')
  const place = async (path: string, name: string) => {
    await mkdir(dirname(join(folder, 'lib/perl', name)), { recursive: true })
    await copyFile(path, join(folder, 'lib/perl', name))
  }
  const objects = lines.flatMap((line) => (line.startsWith('so ') ? [line.slice(3)] : []))
  const files = lines.filter((line) => !line.startsWith('so '))
  for (let at = 0; at + 1 < files.length; at += 2) await place(files[at + 1]!, files[at]!)
  for (const path of objects) {
    await place(path, path.slice(path.lastIndexOf('/auto/') + 1))
    if (loader !== 'static') await carryLibraries(folder, path, loader)
  }
  await copyFile(perl, join(folder, 'libexec/perl'))
  if (loader !== 'static') await carryLibraries(folder, perl, loader)
  await copyFile(HELPER_SCRIPT, join(folder, 'libexec/forward.pl'))
  const start = loader === 'static' ? '' : `${TOOLBOX_PATH}/lib/loader --library-path ${TOOLBOX_PATH}/lib `
  // Nothing of the tenant's environment: PERL5LIB and its like would change what runs.
  const program = `${start}${TOOLBOX_PATH}/libexec/perl -I${TOOLBOX_PATH}/lib/perl ${TOOLBOX_PATH}/libexec/forward.pl`
  await writeFile(
    join(folder, 'libexec/forward'),
    `#!${TOOLBOX_BUSYBOX} sh\nexec ${TOOLBOX_BUSYBOX} env -i ${program}\n`,
  )
  await chmod(join(folder, 'libexec/forward'), 0o755)
}

const wrapper = (name: string) =>
  `#!${TOOLBOX_BUSYBOX} sh\nexec ${TOOLBOX_PATH}/lib/loader --library-path ${TOOLBOX_PATH}/lib ${TOOLBOX_PATH}/libexec/${name} "$@"\n`

const carryLibraries = async (folder: string, program: string, loader: string) => {
  await copyFile(await realpath(loader), join(folder, 'lib/loader'))
  for (const library of await librariesOf(program, loader))
    await copyFile(await realpath(library), join(folder, 'lib', basename(library)))
}

const carry = async (folder: string, name: string, path: string, loader: string) => {
  await copyFile(path, join(folder, 'libexec', name))
  if (loader !== 'static') await carryLibraries(folder, path, loader)
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
  const perl = busybox === undefined ? undefined : findProgram('perl')
  const perlLoader = perl === undefined ? undefined : loaderOf(perl)
  const missing = [
    ...(busybox === undefined ? ['busybox'] : []),
    ...CARRIED.filter((name) => !carried.some((one) => one.name === name)),
    ...(perlLoader === undefined ? ['perl'] : []),
  ]
  const hash = createHash('sha256').update(`layout ${LAYOUT}`)
  const programs = [busybox, ...carried.map((one) => one.path), perl, HELPER_SCRIPT]
  for (const path of programs.filter((one) => one !== undefined)) {
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
  if (perl !== undefined && perlLoader !== undefined) await carryHelper(draft, perl, perlLoader)
  // Tenants that are not this user must be able to read it.
  await chmod(draft, 0o755)
  await rename(draft, folder).catch(async (error: unknown) => {
    await rm(draft, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  })
  return { folder, missing }
}

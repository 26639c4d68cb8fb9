import { spawn } from 'node:child_process'
import { accessSync, constants, mkdtempSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { inject } from 'vitest'
import { cgroupName } from './sweep.ts'

/** Where the tests' Docker is to be asked for. `folder` is swept with all its mounts when the run ends. */
export type Guard = { readonly folder: string; stop(): Promise<void> }

declare module 'vitest' {
  interface ProvidedContext {
    dockerGuard: string
  }
}

const onPath = (program: string) =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })

const ownHost = process.env['DOCKER_HOST']

/** Why there can be no Docker for tests here, or undefined when there can. */
export const whyNoDocker = (): string | undefined => {
  if (ownHost !== undefined) return ownHost.startsWith('unix://') ? undefined : 'DOCKER_HOST is not a unix socket'
  if (process.getuid?.() !== 0) return 'a private dockerd needs root; set DOCKER_HOST=unix://… to use another'
  if (!onPath('dockerd')) return 'dockerd is not installed'
  return undefined
}

/** For `describe.skipIf`: a missing Docker skips visibly, but where CI is set the tests must run (and fail). */
export const skipWithoutDocker = (): boolean => whyNoDocker() !== undefined && !process.env['CI']

/** Starts the process that will own the daemon; the daemon itself starts when a test first asks. */
export const startGuard = async (): Promise<Guard> => {
  const folder = mkdtempSync(join(tmpdir(), 'zennet-docker-'))
  const child = spawn(process.execPath, [join(import.meta.dirname, 'guard.ts'), folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Its own process group: Ctrl-C at the terminal must not end it before it has cleaned up.
    detached: true,
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve())
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the docker guard ended at once: ${code}`)))
  })
  const unref = (stream: unknown) => (stream as { unref?: () => void }).unref?.()
  for (const one of [child, child.stdin, child.stdout]) unref(one)
  return {
    folder,
    stop: () => {
      child.ref()
      child.stdin.end()
      return ended
    },
  }
}

/** Undefined without the global setup, as in a benchmark that is run by hand. */
const providedFolder = (): string | undefined => {
  try {
    return inject('dockerGuard')
  } catch {
    return undefined
  }
}

let own: Promise<Guard> | undefined

/** The run's folder, or (without the global setup) one of this process's, which goes when the process ends. */
const guardFolder = async (): Promise<string> => {
  const provided = providedFolder()
  if (provided !== undefined && provided !== '') return provided
  own ??= startGuard()
  return (await own).folder
}

const ask = (folder: string) =>
  new Promise<string>((resolve, reject) => {
    let text = ''
    connect(join(folder, 'control.sock'))
      .on('data', (chunk) => {
        text += String(chunk)
      })
      .on('end', () => resolve(text))
      .on('error', reject)
  })

/** A folder for a test's data whose mounts, loop devices and processes are swept even when the run is interrupted. */
export const scratchFolder = async (): Promise<string> =>
  process.getuid?.() === 0
    ? mkdtempSync(join(await guardFolder(), 'scratch-'))
    : mkdtempSync(join(tmpdir(), 'zennet-machine-'))

/** A cgroup name that is swept with all that is under it. */
export const scratchCgroup = async (): Promise<string> => `/${cgroupName(await guardFolder())}`

/** The same of a guard of one's own, whose dockerd a test may kill: asked again, it starts another over the same data. */
export const socketOf = async ({ folder }: Pick<Guard, 'folder'>): Promise<string> => {
  const answer = JSON.parse(await ask(folder)) as { socketPath?: string; why?: string }
  if (answer.socketPath === undefined) throw new Error(answer.why)
  return answer.socketPath
}

/** Path of a unix socket on which Docker answers: that of DOCKER_HOST, else the run's private daemon. */
export const dockerSocket = async (): Promise<string> => {
  const why = whyNoDocker()
  if (why !== undefined) throw new Error(why)
  if (ownHost !== undefined) return ownHost.slice('unix://'.length)
  return await socketOf({ folder: await guardFolder() })
}

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ExecSpec, MachineProcess } from './port.ts'
import { processesMarked, signal } from './process-table.ts'
import { openTerminal } from './process-terminal.ts'

/** Between SIGHUP and SIGKILL. */
export const KILL_GRACE_MS = 1_000
/** How long the kernel is given to end what was killed. */
export const KILL_LIMIT_MS = 10_000
const POLL_MS = 25

/** Where and as what programs of one machine run. */
export type ProcessHome = { readonly folder: string; readonly env: Readonly<Record<string, string>> }

/** Waits until no process bears the mark. @returns false when the limit passed first */
export const untilGone = async (mark: string, limitMs: number): Promise<boolean> => {
  for (const end = performance.now() + limitMs; processesMarked(mark).length > 0; await sleep(POLL_MS))
    if (performance.now() > end) return false
  return true
}

/** SIGKILL to all that bear the mark, again while new ones appear. @returns false when some outlived the limit */
export const killMarked = async (mark: string): Promise<boolean> => {
  for (const end = performance.now() + KILL_LIMIT_MS; performance.now() < end; await sleep(POLL_MS)) {
    const pids = processesMarked(mark)
    if (pids.length === 0) return true
    for (const pid of pids) signal(pid, 'SIGKILL')
  }
  return false
}

/** The shell's own words for a program that cannot be started: 127 not found, 126 not allowed. */
const NOT_STARTED = { ENOENT: ['not found', '127'], EACCES: ['permission denied', '126'] } as const

type Started = Omit<MachineProcess, 'resize' | 'kill'> & {
  readonly pid: number
  resize(columns: number, rows: number): void
}

const startPiped = (home: ProcessHome, argv: readonly [string, ...string[]], env: Record<string, string>) =>
  new Promise<Started>((resolve, reject) => {
    const child = spawn(argv[0], argv.slice(1), { cwd: home.folder, env, detached: true, stdio: 'pipe' })
    const { stdin, stdout, stderr } = child
    // EPIPE: the program stopped reading. It is told by its end, not here.
    stdin.on('error', () => {})
    const exited = new Promise<{ code: number | undefined; signal?: string }>((done) => {
      child.once('close', (code, name) => done(name ? { code: undefined, signal: name.slice(3) } : { code: code ?? 0 }))
    })
    child.once('error', (error: NodeJS.ErrnoException) => {
      const known = NOT_STARTED[error.code as keyof typeof NOT_STARTED]
      if (known === undefined) return reject(error)
      const [why, code] = known
      const words = ['/bin/sh', '-c', 'echo "$0: $1" >&2; exit "$2"', argv[0], why, code] as const
      startPiped(home, words as unknown as [string, ...string[]], env).then(resolve, reject)
    })
    child.once('spawn', () => resolve({ pid: child.pid!, stdin, stdout, stderr, exited, resize: () => {} }))
  })

const startOnTerminal = (
  home: ProcessHome,
  argv: readonly [string, ...string[]],
  env: Record<string, string>,
  tty: NonNullable<ExecSpec['tty']>,
): Started => {
  const terminal = openTerminal({ argv, cwd: home.folder, env: { ...env, TERM: tty.term }, ...tty })
  const read = new Promise<void>((resolve) => terminal.stdout.once('close', resolve))
  return {
    pid: terminal.pid,
    stdin: terminal.stdin,
    stdout: terminal.stdout,
    exited: Promise.all([terminal.ended, read]).then(([end]) => end),
    resize: terminal.resize,
  }
}

/** Starts a program as leader of its own session. A mark in its environment finds all that it starts. */
export const startProcess = async (home: ProcessHome, spec: ExecSpec): Promise<MachineProcess> => {
  const id = randomBytes(8).toString('hex')
  const mark = `ZENNET_EXEC=${id}`
  const argv = spec.argv as unknown as readonly [string, ...string[]]
  const env = { ...home.env, ...spec.env, ZENNET_LEASE: home.env['ZENNET_LEASE'] ?? '', ZENNET_EXEC: id }
  const started = spec.tty ? startOnTerminal(home, argv, env, spec.tty) : await startPiped(home, argv, env)
  let over = false
  started.exited.then(() => {
    over = true
  })
  const end = async () => {
    if (!over) signal(-started.pid, 'SIGHUP')
    await untilGone(mark, KILL_GRACE_MS)
    if (!over) signal(-started.pid, 'SIGKILL')
    await killMarked(mark)
    started.stdin.destroy()
    started.stdout.destroy()
    started.stderr?.destroy()
  }
  let ending: Promise<void> | undefined
  return {
    stdin: started.stdin,
    stdout: started.stdout,
    ...(started.stderr ? { stderr: started.stderr } : {}),
    exited: started.exited,
    resize: async (columns, rows) => started.resize(columns, rows),
    kill: () => {
      ending ??= end()
      return ending
    },
  }
}

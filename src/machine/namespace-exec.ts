import { spawn } from 'node:child_process'
import { finished } from 'node:stream/promises'
import { BUSYBOX_PATH } from './busybox-image.ts'
import { findProgram } from './host-program.ts'
import { DROPPED, HOST_ENV } from './namespace-start.ts'
import type { ExecSpec, MachineProcess } from './port.ts'
import { openTerminal } from './process-terminal.ts'
import { endTree, readProcess } from './process-tree.ts'
import { readOut } from './read-out.ts'
import { TOOLBOX_BIN, TOOLBOX_BUSYBOX } from './toolbox.ts'

/** On the host, as root: joins the lease's cgroups and becomes the next program. */
const JOIN = 'while [ "$1" != -- ]; do echo $$ > "$1" || exit 125; shift; done; shift; exec "$@"'
const HOME = 'cd "$HOME" 2>/dev/null'
/**
 * On a terminal the program must lead a foreground group of its own (`-m`): `nsenter` waits in the session's first group, and Ctrl-C
 * would end it and take the terminal away.
 */
const [PLAIN, WITH_TERMINAL] = [`${HOME}; exec "$@"`, `${HOME}; "$@"; exit $?`]
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

export type EnterPlan = {
  /** Host's number of the machine's first process. */
  readonly pid: number
  readonly uid: number | undefined
  readonly cgroupProcs: readonly string[]
  /** Of the host. */
  readonly busybox: string
}

/**
 * The command that enters the machine: 5 ms. The tenant's environment is given inside only, by `env`: on the host, LD_PRELOAD and its
 * like would act on programs that run as root.
 */
const commandOf = (plan: EnterPlan, spec: ExecSpec): [string, ...string[]] => {
  const given = Object.entries(spec.env ?? {}).filter(([name, value]) => NAME.test(name) && !value.includes('\0'))
  const path = `${BUSYBOX_PATH}:${TOOLBOX_BIN}`
  const term = spec.tty === undefined ? {} : { TERM: spec.tty.term }
  const env = { PATH: path, HOME: '/root', USER: 'root', LOGNAME: 'root', SHELL: '/bin/sh', ...term }
  const all = Object.entries({ ...env, ...Object.fromEntries(given) }).map(([name, value]) => `${name}=${value}`)
  const shell = spec.tty === undefined ? ['-c', PLAIN] : ['-mc', WITH_TERMINAL]
  const enter = ['-t', String(plan.pid), '-U', '--preserve-credentials', '-m', '-p', '-n', '-i', '-u', '-C', '-r', '-w']
  const inside = [TOOLBOX_BUSYBOX, 'env', '-i', ...all, ...DROPPED, TOOLBOX_BUSYBOX, 'sh', ...shell, 'sh', ...spec.argv]
  const nsenter = [findProgram('nsenter') ?? 'nsenter', ...enter, '--', ...inside]
  if (plan.uid === undefined) return nsenter as [string, ...string[]]
  const uid = String(plan.uid)
  const user = [findProgram('setpriv') ?? 'setpriv', '--reuid', uid, '--regid', uid, '--clear-groups']
  return [plan.busybox, 'sh', '-c', JOIN, 'sh', ...plan.cgroupProcs, '--', ...user, ...nsenter]
}

const killer = (pid: number | undefined) => {
  const root = pid === undefined ? undefined : readProcess(pid)
  return async () => {
    if (root !== undefined) await endTree(root)
  }
}

const onTerminal = (command: [string, ...string[]], tty: NonNullable<ExecSpec['tty']>): MachineProcess => {
  const terminal = openTerminal({ argv: command, cwd: '/', env: HOST_ENV, ...tty })
  return {
    stdin: terminal.stdin,
    stdout: terminal.stdout,
    resize: async (columns, rows) => terminal.resize(columns, rows),
    kill: killer(terminal.pid),
    exited: Promise.all([terminal.ended, readOut(terminal.stdout)]).then(([end]) => end),
  }
}

/** Runs a program in a machine of namespaces. */
export const namespaceExec = async (plan: EnterPlan, spec: ExecSpec): Promise<MachineProcess> => {
  const command = commandOf(plan, spec)
  if (spec.tty !== undefined) return onTerminal(command, spec.tty)
  const child = spawn(command[0], command.slice(1), { env: HOST_ENV, cwd: '/', detached: true, stdio: 'pipe' })
  // A program that reads no more is no failure of who writes.
  child.stdin.on('error', () => {})
  const ended = new Promise<{ code: number | undefined; signal?: string }>((resolve) => {
    child.once('error', () => resolve({ code: undefined }))
    child.once('exit', (code, signal) =>
      resolve(signal === null ? { code: code ?? undefined } : { code: undefined, signal: signal.slice('SIG'.length) }),
    )
  })
  const read = Promise.all([child.stdout, child.stderr].map((one) => finished(one).catch(() => {})))
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    resize: async () => {},
    kill: killer(child.pid),
    exited: Promise.all([ended, read]).then(([end]) => end),
  }
}

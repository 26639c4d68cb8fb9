import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { Fault } from '../../../domain/fault.ts'
import { pinHost, type ShellTarget, sshCommand } from '../../shell/ssh-command.ts'
import { connect, dataDirOf, type NodeFlags } from '../node-options.ts'
import { keptKey } from './key-store.ts'
import { isOver, type LeaseView, leaseIdOf, readLease } from './lease-view.ts'

export type SshOptions = {
  readonly identityFile: string
  readonly command: readonly string[]
  /** Asks for a terminal also for a command. */
  readonly tty?: boolean
  /** Program and arguments to run instead of ssh. */
  readonly line?: (target: ShellTarget) => readonly string[]
  /** Gets what the command writes, which then reads nothing; absent: this program's own stdin and stdout. */
  readonly takeOutput?: (stdout: Readable) => void
}

export type SshEnd = { readonly code: number; readonly interrupted: boolean }

/**
 * ssh joins words with spaces for a shell to take apart again: several words are quoted, so that the command gets them as they are.
 * A single one is a line for that shell, as with ssh itself.
 */
export const remoteCommand = (words: readonly string[]): readonly string[] =>
  words.length < 2
    ? words
    : words.map((word) => (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))

const sshLine = (target: ShellTarget, { command, tty }: SshOptions): readonly string[] =>
  sshCommand(target, remoteCommand(command), tty === true ? ['-tt'] : [])

/**
 * Runs the real ssh client, with the host key of the agreed terms pinned, on this program's own standard streams.
 * A signal to this program ends the session, not the program.
 * @throws Fault `cli.no-ssh`, and those of `pinHost`
 */
export const runSsh = async (shell: NonNullable<LeaseView['shell']>, options: SshOptions): Promise<SshEnd> => {
  const folder = await mkdtemp(join(tmpdir(), 'zennet-ssh-'))
  try {
    const target = await pinHost(folder, shell, options.identityFile)
    const [program = 'ssh', ...args] = options.line?.(target) ?? sshLine(target, options)
    const stdio = options.takeOutput
      ? (['ignore', 'pipe', 'inherit'] as const)
      : (['inherit', 'inherit', 'inherit'] as const)
    const child = spawn(program, args, { stdio: [...stdio] })
    if (child.stdout !== null) options.takeOutput?.(child.stdout)
    let interrupted = false
    const forward = (signal: NodeJS.Signals) => {
      interrupted = true
      // A terminal sends Ctrl-C to both of us.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    }
    const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']
    for (const signal of signals) process.on(signal, forward)
    try {
      const code = await new Promise<number>((done, failed) => {
        child.once('error', failed)
        child.once('close', (status, signal) => done(status ?? 128 + constants.signals[signal ?? 'SIGTERM']))
      })
      return { code, interrupted }
    } catch (cause) {
      throw new Fault('cli.no-ssh', 'the program ssh does not start', {
        culprit: 'you',
        next: 'Install the OpenSSH client (Debian: apt install openssh-client).',
        cause,
      })
    } finally {
      for (const signal of signals) process.off(signal, forward)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

type Flags = NodeFlags & { readonly identity?: string; readonly tty?: true }

/** Opens a shell in a lease's machine, or runs a command there. @returns the exit code of ssh, which is that of the command */
export const sshLease = async (given: string, command: readonly string[], flags: Flags): Promise<number> => {
  const client = connect(flags)
  const leaseId = await leaseIdOf(client, given)
  const lease = await readLease(client, leaseId)
  if (lease.shell === null) throw noShell(lease)
  const identityFile = flags.identity === undefined ? await keptKey(dataDirOf(flags), leaseId) : resolve(flags.identity)
  return (await runSsh(lease.shell, { identityFile, command, ...(flags.tty ? { tty: true } : {}) })).code
}

export const noShell = (lease: LeaseView): Fault => {
  const why =
    lease.side === 'PROVIDER'
      ? 'this node lends its machine out, and has no key to it'
      : `it is in ${lease.stage.toLowerCase()}`
  return new Fault('state-conflict', `the lease ${lease.leaseId} has no shell to log in to: ${why}`, {
    culprit: 'you',
    next: isOver(lease) ? 'Rent again.' : 'See zennet lease show.',
  })
}

import { constants } from 'node:os'
import type { Duplex, Readable } from 'node:stream'
import type { ServerChannel, Session } from 'ssh2'
import { Fault } from '../../domain/fault.ts'
import type { ExecSpec, MachineProcess, Machines } from '../machine/port.ts'
import { type ChannelOutput, channelOutput } from './channel-output.ts'
import { guardFlood } from './flood.ts'
import { allowedVariable, type launcher, terminalOf } from './launch.ts'
import { COMMAND_MAX_BYTES, ENVIRONMENT_MAX, SHELL_EXIT } from './port.ts'

export type SessionHost = {
  readonly leaseId: string
  readonly machines: Pick<Machines, 'exec' | 'inspect'>
  readonly launch: ReturnType<typeof launcher>
  readonly wire: Duplex
  /** Bytes into (`rx`) and out of (`tx`) the machine. */
  readonly count: (direction: 'rx' | 'tx', bytes: number) => void
  readonly onClosed: () => void
  readonly onOpened: (kind: 'shell' | 'exec' | 'sftp') => void
  /** Of a terminal, ms; 0: for ever. */
  readonly terminalIdleMs: number
  readonly greeting: string
  /** Defined: only files may be read; what is said to who wants more. Asked anew each time: a lease may end meanwhile. */
  readonly readOnly: () => string | undefined
}

export type ShellSession = {
  /** Ends the session and what runs in it; `message` is told to the client first. Idempotent. */
  end(message?: string): Promise<void>
  /** Resolves when the client has seen all that it was sent; perhaps never. */
  heard(): Promise<void>
}

/** As a shell says it: 128 and the signal's number, whatever the driver. 255 is what ssh says of itself. */
const exitCode = ({ code, signal }: Awaited<MachineProcess['exited']>): number => {
  if (code !== undefined) return code
  const number = constants.signals[`SIG${signal}` as NodeJS.Signals] as number | undefined
  return number === undefined ? 255 : 128 + number
}

/** Keys that a terminal turns into a signal for its foreground; without a terminal only ending is possible. */
const SIGNAL_KEYS: Readonly<Record<string, string>> = { INT: '\x03', QUIT: '\x1c', TSTP: '\x1a' }
const ENDING_SIGNALS = ['HUP', 'INT', 'QUIT', 'KILL', 'TERM']

/** Joins one SSH session to one program in the lease's machine. */
export const serveSession = (session: Session, host: SessionHost): ShellSession => {
  const env: Record<string, string> = {}
  let tty: ExecSpec['tty']
  let running: MachineProcess | undefined
  let output: ChannelOutput | undefined
  let told: ((message: string) => void) | undefined
  let over = false
  let ending: Promise<void> | undefined
  let activeAt = performance.now()
  let idle: NodeJS.Timeout | undefined
  const count: SessionHost['count'] = (direction, bytes) => {
    activeAt = performance.now()
    host.count(direction, bytes)
  }
  /** One timer that looks again, rather than a new one for each keystroke. */
  const watchIdle = (limitMs: number) => {
    const silentMs = performance.now() - activeAt
    if (silentMs >= limitMs) return void end('this terminal was forgotten: nothing came or went for too long.')
    idle = setTimeout(watchIdle, limitMs - silentMs + 1, limitMs)
  }

  /** The client has closed its end: it has seen all that it was sent. */
  const heard = Promise.withResolvers<void>()
  const end = (message?: string): Promise<void> => {
    ending ??= (async () => {
      over = true
      clearTimeout(idle)
      if (message !== undefined) told?.(message)
      output?.close()
      host.onClosed()
      await running?.kill()
    })()
    return ending
  }

  const say = (channel: ServerChannel, out: ChannelOutput, message: string, code: number) => {
    const finish = () => {
      channel.exit(code)
      channel.end()
    }
    out.write('err', Buffer.from(`zennet: ${message}${tty ? '\r\n' : '\n'}`)).then(finish, finish)
  }

  const feed = (channel: ServerChannel, { stdin }: MachineProcess) => {
    const discard = () => channel.resume()
    stdin.on('error', discard).once('close', discard)
    stdin.on('drain', () => channel.resume())
    channel.on('data', (chunk: Buffer) => {
      count('rx', chunk.length)
      if (stdin.writable && !stdin.write(chunk)) channel.pause()
    })
    // A terminal has no end of input but ^D, and half-closing one detaches it from a container: its output would be lost.
    channel.once('end', () => {
      if (!tty) stdin.end()
    })
  }

  const drain = async (out: ChannelOutput, from: Readable, to: 'out' | 'err') => {
    for await (const chunk of from) {
      count('tx', chunk.length)
      await out.write(to, chunk)
    }
  }

  const run = async (channel: ServerChannel, out: ChannelOutput, argv: readonly string[]) => {
    const { status } = await host.machines.inspect(host.leaseId)
    if (status === 'frozen') return say(channel, out, 'this machine is paused; try again later.', SHELL_EXIT.frozen)
    if (status !== 'running') return say(channel, out, 'this machine is gone.', SHELL_EXIT.unavailable)
    if (over) return
    const asked = tty
    const started = await host.machines.exec(host.leaseId, { argv, env, ...(asked ? { tty: asked } : {}) })
    running = started
    if (over) return started.kill()
    if (tty && asked !== tty) await started.resize(tty.columns, tty.rows)
    feed(channel, started)
    await Promise.all([
      drain(out, started.stdout, 'out'),
      ...(started.stderr ? [drain(out, started.stderr, 'err')] : []),
    ])
    const code = exitCode(await started.exited)
    // What it left in the background on purpose goes on, as with any SSH server.
    running = undefined
    if (over) return
    channel.exit(code)
    channel.end()
  }

  const begin = (channel: ServerChannel | undefined, argv: readonly string[], refusal?: string) => {
    // ssh2 gives none for a second program in one session.
    if (!channel || output !== undefined) return
    channel.on('error', () => {})
    channel.stderr.on('error', () => {})
    guardFlood(channel, host.wire)
    const out = channelOutput(channel, host.wire)
    output = out
    // Past the queue, which may wait for a client that does not read.
    told = (message) => {
      channel.stderr.write(`\r\nzennet: ${message}\r\n`)
      channel.close()
    }
    channel.once('close', heard.resolve)
    if (refusal !== undefined) return say(channel, out, refusal, SHELL_EXIT.refused)
    run(channel, out, argv).catch((error: unknown) => {
      if (over) return
      running?.kill().catch(() => {})
      const why = error instanceof Fault ? error.message : 'this machine cannot be reached.'
      say(channel, out, why, SHELL_EXIT.unavailable)
    })
  }

  session.on('env', (accept, reject, { key, val }: { key: string; val: string }) => {
    if (!allowedVariable(key, val) || Object.keys(env).length >= ENVIRONMENT_MAX) return reject?.()
    env[key] = val
    accept?.()
  })
  session.on('pty', (accept, _reject, info) => {
    // `term` is missing in @types/ssh2.
    tty = terminalOf(info as unknown as { term?: unknown })
    accept?.()
  })
  session.on('window-change', (accept, _reject, info) => {
    if (tty) {
      tty = terminalOf({ ...info, term: tty.term })
      running?.resize(tty.columns, tty.rows).catch(() => {})
    }
    accept?.()
  })
  session.on('signal', (accept, _reject, { name }: { name: string }) => {
    const key = SIGNAL_KEYS[name]
    if (tty && key !== undefined) running?.stdin.write(key)
    else if (ENDING_SIGNALS.includes(name)) running?.kill().catch(() => {})
    accept?.()
  })
  // ssh2 forgets a request that is not accepted before the client's end of input comes: accept first, then look at the machine.
  session.on('shell', (accept) => {
    host.onOpened('shell')
    const channel = accept()
    const readOnly = host.readOnly()
    if (readOnly !== undefined) return begin(channel, [], readOnly)
    // Not for scp, rsync and what else speaks a protocol on a shell's output.
    if (tty && host.greeting !== '' && output === undefined) channel?.write(host.greeting.replaceAll('\n', '\r\n'))
    begin(channel, host.launch.login())
    if (tty && host.terminalIdleMs > 0) watchIdle(host.terminalIdleMs)
  })
  session.on('exec', (accept, _reject, { command }: { command: string }) => {
    host.onOpened('exec')
    const readOnly = host.readOnly()
    if (readOnly !== undefined) {
      const reading = host.launch.reading(command)
      return begin(accept(), reading ?? [], reading === undefined ? readOnly : undefined)
    }
    const refused = command.includes('\0') || Buffer.byteLength(command) > COMMAND_MAX_BYTES
    begin(
      accept(),
      host.launch.command(refused ? '' : command),
      refused ? 'this command is too long, or contains a NUL.' : undefined,
    )
  })
  session.on('subsystem', (accept, reject, { name }: { name: string }) => {
    if (name !== 'sftp') return void reject?.()
    host.onOpened('sftp')
    begin(accept(), host.readOnly() === undefined ? host.launch.sftp() : host.launch.readingSftp())
  })
  session.on('close', () => void end().catch(() => {}))
  return { end, heard: () => (output === undefined ? Promise.resolve() : heard.promise) }
}

import { readFileSync } from 'node:fs'
import { type Duplex, PassThrough, Writable } from 'node:stream'
import type Docker from 'dockerode'
import { Fault } from '../../domain/fault.ts'
import { demultiplex, pour } from './demultiplex.ts'
import { call, callUnless, statusOf } from './docker-call.ts'
import { EXIT_CODE_LIMIT_MS } from './limits.ts'
import type { ExecSpec, MachineProcess } from './port.ts'
import { endTree, readProcess } from './process-tree.ts'
import { readOut } from './read-out.ts'
import { TOOLBOX_BUSYBOX } from './toolbox.ts'
import { until } from './within.ts'

/** From this version of the API a terminal's first size can be given with the exec. Source: Engine API 1.42, "ConsoleSize". */
const CONSOLE_SIZE_API = 1.42

/** Older daemons set the size after the program has started (it saw 0 0 in 2 of 5): so it is set inside, before the program. */
const SIZED = `${TOOLBOX_BUSYBOX} stty columns "$1" rows "$2" 2>/dev/null; shift 2; exec "$@"`

const sized = (spec: ExecSpec, apiVersion: number): string[] => {
  const size = [String(spec.tty?.columns), String(spec.tty?.rows)]
  return spec.tty === undefined || apiVersion >= CONSOLE_SIZE_API
    ? [...spec.argv]
    : [TOOLBOX_BUSYBOX, 'sh', '-c', SIZED, 'sh', ...size, ...spec.argv]
}

/** Input to the program. Half-closing a terminal's stream would detach it and lose all output, so its end is only noted. */
const inputOf = (socket: Duplex, tty: boolean): Writable =>
  new Writable({
    write(chunk, _encoding, done) {
      // A program that has ended reads no more: what is left is dropped, as a closed pipe would.
      if (socket.destroyed || socket.writableEnded) done()
      else socket.write(chunk, () => done())
    },
    final(done) {
      if (!tty && !socket.destroyed) socket.end()
      done()
    },
  })

/** The number of a process inside its innermost pid namespace. Source: proc(5), NSpid. */
const innerPid = (pid: number): string | undefined =>
  /^NSpid:.*\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]

/** Signals from inside, for a provider that is not root: it may not signal the container's processes. */
const killInside = async (container: Docker.Container, pid: number) => {
  const inner = innerPid(pid)
  if (inner === undefined) return
  const script = `kill -HUP -${inner}; sleep 1; kill -KILL -${inner} ${inner}`
  const exec = await call('end a program', container.exec({ Cmd: [TOOLBOX_BUSYBOX, 'sh', '-c', script] }))
  await call('end a program', exec.start({ Detach: true }))
}

const end = async (container: Docker.Container, exec: Docker.Exec) => {
  const info = await callUnless('inspect a program', exec.inspect())
  if (info === undefined || !info.Running || info.Pid === 0) return
  // `Pid` is the host's number of a session leader: a client that vanishes would leave it running.
  const found = readProcess(info.Pid)
  if (found === undefined) return
  if (!(await endTree(found))) await killInside(container, info.Pid).catch(() => {})
}

/** Runs a program in a standing container and joins its streams. */
export const dockerExec = async (
  container: Docker.Container,
  spec: ExecSpec,
  apiVersion: number,
): Promise<MachineProcess> => {
  const tty = spec.tty !== undefined
  const env = { ...spec.env, ...(spec.tty === undefined ? {} : { TERM: spec.tty.term }) }
  const create = container.exec({
    Cmd: sized(spec, apiVersion),
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: tty,
    ...(spec.tty !== undefined && apiVersion >= CONSOLE_SIZE_API
      ? { ConsoleSize: [spec.tty.rows, spec.tty.columns] as [number, number] }
      : {}),
  })
  const exec = await call('run a program', create).catch((error: Fault) => {
    if (![404, 409].includes(statusOf(error.cause) ?? 0)) throw error
    throw new Fault('machine.gone', 'the machine does not run: it was removed, has ended, or was just frozen', {
      next: 'Ask for the state of the lease.',
      cause: error,
    })
  })
  const socket: Duplex = await call('run a program', exec.start({ hijack: true, stdin: true, Tty: tty }))
  socket.on('error', () => {})
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const poured = tty ? pour(socket, stdout) : demultiplex(socket, stdout, stderr)
  if (tty) stderr.end().resume()

  const finish = async () => {
    await poured.catch(() => {})
    socket.destroy()
    await Promise.all([readOut(stdout), tty ? undefined : readOut(stderr)])
    let code: number | undefined
    // The daemon learns of the end a moment after the streams have ended.
    await until(EXIT_CODE_LIMIT_MS, async () => {
      const info = await callUnless('inspect a program', exec.inspect()).catch(() => undefined)
      if (info === undefined) return true
      if (info.Running) return false
      code = info.ExitCode ?? undefined
      return true
    })
    return { code }
  }
  return {
    stdin: inputOf(socket, tty),
    stdout,
    ...(tty ? {} : { stderr }),
    resize: async (columns, rows) => {
      // 409 and 500: it has ended, or has not begun; 400: no terminal.
      if (tty) await callUnless('resize a terminal', exec.resize({ w: columns, h: rows }), [400, 404, 409, 500])
    },
    kill: async () => {
      await end(container, exec)
      socket.destroy()
    },
    exited: finish(),
  }
}

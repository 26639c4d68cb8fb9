import { readFileSync } from 'node:fs'
import { type Duplex, PassThrough, Writable } from 'node:stream'
import type Docker from 'dockerode'
import { Fault } from '../../domain/fault.ts'
import { demultiplex, pour } from './demultiplex.ts'
import { call, callUnless, statusOf } from './docker-call.ts'
import { EXIT_CODE_LIMIT_MS, KILL_LIMIT_MS, RESIZE_LIMIT_MS } from './limits.ts'
import type { ExecSpec, MachineProcess } from './port.ts'
import { endTree, readProcess } from './process-tree.ts'
import { readOut } from './read-out.ts'
import { TOOLBOX_BUSYBOX } from './toolbox.ts'
import { until } from './within.ts'

/** From this version of the API a terminal's first size can be given with the exec. Source: Engine API 1.42, "ConsoleSize". */
const CONSOLE_SIZE_API = 1.42

/**
 * Older daemons set the size after the program has started (it saw 0 0 in 2 of 5), and a size set inside could overwrite a newer one:
 * so the program waits inside, for 2 s at the most, until the daemon has set one (busybox prints nothing for 0 0).
 */
const SIZED = `i=0
while [ $i -lt 200 ] && [ -z "$(${TOOLBOX_BUSYBOX} stty size 2>/dev/null)" ]; do
  ${TOOLBOX_BUSYBOX} usleep 10000; i=$((i+1))
done
exec "$@"`

const sized = (spec: ExecSpec, apiVersion: number): string[] =>
  spec.tty === undefined || apiVersion >= CONSOLE_SIZE_API
    ? [...spec.argv]
    : [TOOLBOX_BUSYBOX, 'sh', '-c', SIZED, 'sh', ...spec.argv]

type Size = { readonly columns: number; readonly rows: number }

/** Sets a terminal's size, the newest last, again until the daemon takes it: it refuses while the program is being started. */
const sizer = (exec: Docker.Exec, ended: () => boolean) => {
  let wanted: Size | undefined
  let working: Promise<void> | undefined
  const work = async () => {
    for (let done: Size | undefined; done !== wanted && !ended(); ) {
      const size: Size | undefined = wanted
      if (size === undefined) return
      await until(RESIZE_LIMIT_MS, async () => {
        if (ended()) return true
        const set = exec.resize({ w: size.columns, h: size.rows }).then(() => true)
        return (await callUnless('resize a terminal', set, [400, 404, 409, 500])) === true
      })
      done = size
    }
  }
  return (size: Size): Promise<void> => {
    wanted = size
    working ??= work().finally(() => {
      working = undefined
    })
    return working
  }
}

/**
 * Ends all but the container's own two: the first, and the one that it waits for, which has the lowest number. A tenant that has taken a
 * lower one ends its own container by that.
 */
const KILL_OTHERS = `n=0
while [ $n -lt 200 ]; do
  keep= left=
  for d in /proc/[0-9]*; do
    p=\${d#/proc/}
    case $p in 1|$$) continue ;; esac
    if [ -z "$keep" ] || [ "$p" -lt "$keep" ]; then keep=$p; fi
  done
  for d in /proc/[0-9]*; do
    p=\${d#/proc/}
    case $p in 1|$$|$keep) ;; *) kill -9 $p 2>/dev/null && left=1 ;; esac
  done
  [ -z "$left" ] && exit 0
  n=$((n+1)); ${TOOLBOX_BUSYBOX} usleep 20000
done
exit 1`

/** @throws Fault `machine.refused` when they do not end */
export const killOthers = async (container: Docker.Container, apiVersion: number): Promise<void> => {
  const killing = await dockerExec(container, { argv: [TOOLBOX_BUSYBOX, 'sh', '-c', KILL_OTHERS] }, apiVersion)
  killing.stdout.resume()
  killing.stderr?.resume()
  killing.stdin.end()
  if ((await killing.exited).code !== 0)
    throw new Fault('machine.refused', 'the programs of a machine do not end', { culprit: 'provider' })
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
  let pid = 0
  // A busy daemon knows the number of a program only after that has said its first words.
  await until(KILL_LIMIT_MS, async () => {
    const info = await callUnless('inspect a program', exec.inspect())
    pid = info?.Running === true ? info.Pid : 0
    return info?.Running !== true || pid !== 0
  })
  // It is the host's number of a session leader: a client that vanishes would leave it running.
  const found = pid === 0 ? undefined : readProcess(pid)
  if (found === undefined) return
  if (!(await endTree(found))) await killInside(container, pid).catch(() => {})
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

  let over = false
  const resize = sizer(exec, () => over)
  // Not awaited: the daemon takes it when the program has started.
  if (spec.tty !== undefined && apiVersion < CONSOLE_SIZE_API) resize(spec.tty).catch(() => {})

  const finish = async () => {
    await poured.catch(() => {})
    over = true
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
      if (tty) await resize({ columns, rows })
    },
    kill: async () => {
      await end(container, exec)
      socket.destroy()
    },
    exited: finish(),
  }
}

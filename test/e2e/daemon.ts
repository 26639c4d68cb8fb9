import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const ROOT = join(import.meta.dirname, '../..')

/** A daemon in a process of its own. What it printed and logged stays to be read. */
export type Daemon = {
  readonly pid: number
  /** Lines of its standard output so far. */
  readonly lines: readonly string[]
  /** All of its log so far. */
  log(): string
  /** Resolves with the first line that fits; fails when the program ends before. */
  line(fits: RegExp): Promise<RegExpExecArray>
  readonly ended: Promise<number | null>
  /** Asks it to end, and waits. @returns its exit code */
  stop(): Promise<number | null>
  /** As a power cut does it. */
  kill(): Promise<void>
}

/** Settings only from the arguments: nothing of the user's environment or files. */
const environment = (home: string, extra: Record<string, string>) => ({
  PATH: process.env['PATH'],
  HOME: home,
  XDG_CONFIG_HOME: join(home, 'config'),
  XDG_STATE_HOME: join(home, 'state'),
  ...extra,
})

/** `script` of this project, run by this Node; or a `command` of another. `behind`: a command that becomes it. */
export type Program = {
  readonly args: readonly string[]
  readonly home: string
  readonly behind?: readonly string[]
} & ({ readonly script: string } | { readonly command: string })

export const startDaemon = (program: Program, env: Record<string, string> = {}): Daemon => {
  const { args, home, behind = [] } = program
  const own =
    'command' in program
      ? [program.command]
      : [process.execPath, '--disable-warning=ExperimentalWarning', join(ROOT, program.script)]
  const [file, ...before] = [...behind, ...own]
  const child: ChildProcess = spawn(file!, [...before, ...args], {
    cwd: ROOT,
    env: environment(home, env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  const waiting = new Set<() => void>()
  let log = ''
  const wake = () => {
    for (const one of waiting) one()
  }
  createInterface({ input: child.stdout! }).on('line', (line) => {
    lines.push(line)
    wake()
  })
  child.stderr!.on('data', (part) => {
    log += String(part)
  })
  let over = false
  const ended = once(child, 'close').then(([code]) => {
    over = true
    wake()
    return code as number | null
  })
  return {
    pid: child.pid!,
    lines,
    log: () => log,
    ended,
    async line(fits) {
      for (;;) {
        for (const line of lines) {
          const found = fits.exec(line)
          if (found) return found
        }
        if (over) throw new Error(`the program ended before it said ${fits}:\n${lines.join('\n')}\n${log}`)
        await new Promise<void>((resolve) => waiting.add(resolve))
      }
    },
    stop() {
      child.kill('SIGTERM')
      return ended
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/**
 * A port that nobody listens on, below those that the system gives out by itself: a daemon that is killed finds it free again when it
 * comes back, since no other program is given it meanwhile.
 */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 16_000)
    const server = createServer()
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!free) continue
    server.close()
    await once(server, 'close')
    return port
  }
}

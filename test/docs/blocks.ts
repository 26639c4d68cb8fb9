import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { findProgram } from '../../src/machine/host-program.ts'
import { readProcesses } from '../../src/machine/process-tree.ts'
import { staticBusybox } from '../../src/machine/toolbox.ts'

export type Block = { readonly command: string; readonly until?: string; readonly retry?: number }

/** Blocks marked `sh run`. `until=TEXT`: it goes on running once it has said that. `retry=CODE`: run again while it ends with that. */
export const blocksOf = (page: string): readonly Block[] =>
  [...page.matchAll(/^```sh run([^\n]*)\n([\s\S]*?)^```$/gm)].map(([, info, body]) => {
    const [, until] = /until=(\S+)/.exec(info!) ?? []
    const [, retry] = /retry=(\d+)/.exec(info!) ?? []
    return { command: body!.trim(), ...(until ? { until } : {}), ...(retry ? { retry: Number(retry) } : {}) }
  })

/** What the commands of the pages need of this machine and is not there. */
export const missing = [
  ...['unshare', 'nsenter', 'setpriv', 'ssh', 'scp', 'npm', 'curl'].filter((name) => findProgram(name) === undefined),
  ...(staticBusybox() === undefined ? ['busybox-static'] : []),
]

/** Ports that pages name: in a run each is another, which is free. */
const PORTS = ['4000', '4001', '4010', '18443', '28554', '28555'] as const

const isTaken = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })

/** Below what the system gives out by itself, so that no other test is given it meanwhile. */
const freePort = async (): Promise<number> => {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    if (!(await isTaken(port))) return port
  }
}

/** Ctrl-C for the shell and for those of its session that do the work: a launcher would pass it on, and one would look like two. */
const interrupt = (child: ChildProcess): void => {
  const own = readProcesses().filter((one) => one.session === child.pid)
  const parents = new Set(own.map(({ parent }) => parent))
  for (const { pid } of own) {
    if (parents.has(pid) && pid !== child.pid) continue
    try {
      process.kill(pid, 'SIGINT')
    } catch {
      // It has ended meanwhile.
    }
  }
}

const open = (command: string, env: NodeJS.ProcessEnv, running: Set<ChildProcess>) => {
  const child = spawn('sh', ['-c', command], { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  let output = ''
  const heard = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      for (const look of heard) look()
    })
  }
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', (code) => {
      running.delete(child)
      resolve(code)
    })
  })
  const says = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => output.includes(text) && resolve()
      heard.add(look)
      look()
      void ended.then((code) => reject(new Error(`${command} ended with ${code}, without saying ${text}:\n${output}`)))
    })
  return { child, ended, says, output: () => output }
}

/**
 * Does what a page says, one block after the other, in a home of its own and on free ports. Ends what goes on running in the end.
 *
 * @param path folders that are searched for programs before others
 * @returns what each block printed that does not go on running
 */
export const runBlocks = async (blocks: readonly Block[], path: readonly string[] = []): Promise<readonly string[]> => {
  const home = await mkdtemp(join(tmpdir(), 'zennet-docs-'))
  const ports = new Map<string, number>()
  for (const port of PORTS) ports.set(port, await freePort())
  const here = (text: string): string =>
    text.replace(/(?<=[:=\s])\d{4,5}\b/g, (port) => String(ports.get(port) ?? port))
  const env = {
    ...process.env,
    PATH: [...path, process.env['PATH']].join(':'),
    HOME: home,
    XDG_STATE_HOME: join(home, 'state'),
    XDG_CONFIG_HOME: join(home, 'config'),
    npm_config_update_notifier: 'false',
    ZENNET_MACHINES: 'namespace',
    ZENNET_RPC_PORT: here(' 28554').trim(),
    ZENNET_P2P_PORT: '0',
    ZENNET_API_PORT: here(' 4000').trim(),
    ZENNET_PUBLISHER_PORT: here(' 4001').trim(),
    ZENNET_SHELL_PORT: '0',
  }
  const running = new Set<ChildProcess>()
  const services: ReturnType<typeof open>[] = []
  const said: string[] = []
  try {
    for (const { command, until, retry } of blocks) {
      if (until === undefined) {
        for (;;) {
          const { ended, output } = open(here(command), env, running)
          const code = await ended
          if (code === retry) continue
          expect(code, `${command}\n${output()}`).toBe(0)
          said.push(output())
          break
        }
      } else {
        // The first that listens for other nodes of the chain does so where the others call.
        const isCalled = command.includes('--listen true')
        const own = isCalled ? { ...env, ZENNET_P2P_PORT: here(' 28555').trim() } : env
        const service = open(here(command), own, running)
        services.push(service)
        await service.says(until)
      }
    }
    for (const { child, ended } of services.reverse()) {
      interrupt(child)
      await ended
    }
    return said
  } finally {
    for (const child of running) {
      try {
        process.kill(-child.pid!, 'SIGKILL')
      } catch {}
    }
    await rm(home, { recursive: true, force: true, maxRetries: 5 })
  }
}

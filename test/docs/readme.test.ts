import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { findProgram } from '../../src/machine/host-program.ts'
import { readProcesses } from '../../src/machine/process-tree.ts'
import { staticBusybox } from '../../src/machine/toolbox.ts'
import { readSources } from '../tidy/source.ts'

const sources = readSources()
const paths = new Set(sources.map(({ path }) => path))
const folders = new Set([...paths].flatMap((path) => path.split('/').map((_, i, parts) => parts.slice(0, i).join('/'))))
const exists = (path: string): boolean => paths.has(path) || folders.has(path.replace(/\/$/, ''))

const readme = readFileSync('README.md', 'utf8')
const pages = sources.filter(({ path }) => path === 'README.md' || /^docs\/.*\.md$/.test(path))

/** Relative links of a page that lead nowhere. */
const deadLinks = ({ path, text }: { path: string; text: string }): string[] =>
  [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link!)
    .filter((link) => !/^(https?:|#)/.test(link))
    .filter((link) => !exists(posix.join(posix.dirname(path), link.replace(/#.*$/, ''))))

/** Paths in backticks that are in no folder of the repository: `src/a/b.ts`, `docs/c.md`. Patterns and placeholders are not looked at. */
const deadPaths = (text: string): string[] =>
  [...text.matchAll(/`((?:domain|projections|src|test|ops|docs|\.ci)\/[\w./-]*)`/g)]
    .map(([, path]) => path!)
    .filter((path) => !exists(path))

/** Paths of the map: a folder's lines below it are two spaces further in. */
const mapped = (text: string): string[] => {
  const [, map] = /## Map\n\n```\n([\s\S]*?)```/.exec(text) ?? []
  const above: string[] = []
  return (map ?? '').split('\n').flatMap((line) => {
    const [, indent, name] = /^( *)(\S+)/.exec(line) ?? []
    if (name === undefined) return []
    above.length = indent!.length / 2
    above.push(name)
    return [above.join('')]
  })
}

const folderOf = (line: string): string => line.replace(/\/$/, '')

describe('what the pages say of the tree', () => {
  it.each(pages)('$path links to what is there', (page) => expect(deadLinks(page)).toEqual([]))
  it.each(pages)('$path names files that are there', ({ text }) => expect(deadPaths(text)).toEqual([]))

  it('would notice a wrong link, path or line of the map', () => {
    expect(deadLinks({ path: 'docs/a.md', text: '[a](../README.md) [b](no-such.md) [c](https://a.example)' })).toEqual([
      'no-such.md',
    ])
    expect(deadPaths('`src/config.ts` and `src/no-such.ts`')).toEqual(['src/no-such.ts'])
    expect(mapped('## Map\n\n```\nsrc/   a\n  api/   b\n  nosuch/   c\n```').filter((path) => !exists(path))).toEqual([
      'src/nosuch/',
    ])
  })

  it('the map names folders that are there, and every one of src and domain', () => {
    const map = mapped(readme)
    expect(map.filter((path) => !exists(path))).toEqual([])
    const named = new Set(map.map(folderOf))
    const wanted = [...folders].filter((folder) => /^(src|domain)\/[^/]+$/.test(folder))
    expect(wanted.filter((folder) => !named.has(folder))).toEqual([])
  })
})

type Block = { readonly command: string; readonly until?: string; readonly retry?: number }

/** Blocks marked `sh run`. `until=TEXT`: it goes on running once it has said that. `retry=CODE`: run again while it ends with that. */
const blocks: readonly Block[] = [...readme.matchAll(/^```sh run([^\n]*)\n([\s\S]*?)^```$/gm)].map(([, info, body]) => {
  const [, until] = /until=(\S+)/.exec(info!) ?? []
  const [, retry] = /retry=(\d+)/.exec(info!) ?? []
  return { command: body!.trim(), ...(until ? { until } : {}), ...(retry ? { retry: Number(retry) } : {}) }
})

const missing = [
  ...['unshare', 'nsenter', 'setpriv', 'ssh', 'npm'].filter((name) => findProgram(name) === undefined),
  ...(staticBusybox() === undefined ? ['busybox-static'] : []),
]
const WAIT_MS = 300_000

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

let home: string | undefined
const running = new Set<ChildProcess>()

/** Ctrl-C for those of its process group that do the work: a launcher would pass it on, and one would look like two. */
const interrupt = (child: ChildProcess): void => {
  const tree = readProcesses()
  const own = new Set([child.pid])
  for (let size = 0; size < own.size; ) {
    size = own.size
    for (const one of tree) if (own.has(one.parent)) own.add(one.pid)
  }
  const parents = new Set(tree.map(({ parent }) => parent))
  for (const pid of own) if (pid !== undefined && !parents.has(pid)) process.kill(pid, 'SIGINT')
}

afterEach(async () => {
  for (const child of running) {
    try {
      process.kill(-child.pid!, 'SIGKILL')
    } catch {}
  }
  if (home !== undefined) await rm(home, { recursive: true, force: true })
})

const open = (command: string, env: NodeJS.ProcessEnv) => {
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

describe.skipIf(missing.length > 0 && !process.env['CI'])(`the commands of the README ${missing.join(' ')}`, () => {
  it('do what it says, one after the other', { timeout: WAIT_MS }, async () => {
    expect(blocks.length).toBeGreaterThanOrEqual(5)
    home = await mkdtemp(join(tmpdir(), 'zennet-readme-'))
    const rpc = await freePort()
    const env = {
      ...process.env,
      HOME: home,
      XDG_STATE_HOME: join(home, 'state'),
      XDG_CONFIG_HOME: join(home, 'config'),
      npm_config_update_notifier: 'false',
      ZENNET_MACHINES: 'namespace',
      ZENNET_RPC_PORT: String(rpc),
      ZENNET_API_PORT: '0',
      ZENNET_PUBLISHER_PORT: '0',
      ZENNET_SHELL_PORT: '0',
    }
    const services: ReturnType<typeof open>[] = []
    const said: string[] = []
    for (const { command, until, retry } of blocks) {
      const here = command.replaceAll('28554', String(rpc)).replaceAll('--api-port 4010', '--api-port 0')
      if (until === undefined) {
        for (;;) {
          const { ended, output } = open(here, env)
          const code = await ended
          if (code === retry) continue
          expect(code, `${here}\n${output()}`).toBe(0)
          said.push(output())
          break
        }
      } else {
        const service = open(here, env)
        services.push(service)
        await service.says(until)
      }
    }
    expect(said[0]).toContain('receipt signed by both')
    expect(said[1]).toMatch(/^Linux lease-[0-9a-f]{12} /m)
    expect(said[1]).toMatch(/settled: paid [\d,]+ sats/)
    expect(said[2]).toMatch(/^[0-9a-f]{32} +publisher +settled/m)
    for (const { child, ended } of services.reverse()) {
      interrupt(child)
      await ended
    }
  })
})

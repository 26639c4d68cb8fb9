import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { readlinkSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Why there can be no further network here, or undefined when there can. */
export const whyNoIsland = (): string | undefined => {
  if (process.getuid?.() !== 0) return 'a network of its own needs root'
  const tried = spawnSync('unshare', ['-n', 'ip', 'link', 'add', 'name', 'znt0', 'type', 'veth'])
  return tried.status === 0 ? undefined : 'this host makes no further networks'
}

/** For `describe.skipIf`: skips visibly, but where CI is set the tests must run (and fail). */
export const skipWithoutIsland = (): boolean => whyNoIsland() !== undefined && !process.env['CI']

/** A cable between this network and another. A cut one drops everything, and says nothing to either end. */
export type Cable = { readonly here: string; readonly there: string; cut(): void; mend(): void }

/** A network of its own: what runs in it reaches this host by its cables alone. */
export type Island = {
  /** A command that runs another on the island. */
  readonly behind: readonly string[]
  /** What runs on the island finds each other, and this host. */
  readonly cables: readonly Cable[]
  close(): void
}

const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: 'pipe' })

/** It ends with this process, whatever that ends by: its first process lives as long as a pipe from here. */
export const openIsland = async (cables: number): Promise<Island> => {
  const first = spawn('unshare', ['-n', 'cat'], { stdio: ['pipe', 'ignore', 'ignore'] })
  const network = () => readlinkSync(`/proc/${first.pid}/ns/net`)
  while (network() === readlinkSync('/proc/self/ns/net')) await sleep(5)
  const pid = String(first.pid)
  const behind = ['nsenter', '-t', pid, '-n', '--']
  const inside = (...args: string[]) => void execFileSync(behind[0]!, [...behind.slice(1), 'ip', ...args])
  inside('link', 'set', 'lo', 'up')
  const laid = Array.from({ length: cables }, (_, index): Cable => {
    const name = `znt${randomBytes(4).toString('hex')}`
    const net = `10.${randomInt(256)}.${randomInt(256)}`
    const [here, there] = [`${net}.1`, `${net}.2`]
    ip('link', 'add', 'name', name, 'type', 'veth', 'peer', 'name', `cable${index}`, 'netns', pid)
    ip('addr', 'add', `${here}/30`, 'dev', name)
    ip('link', 'set', name, 'up')
    inside('addr', 'add', `${there}/30`, 'dev', `cable${index}`)
    inside('link', 'set', `cable${index}`, 'up')
    return { here, there, cut: () => ip('link', 'set', name, 'down'), mend: () => ip('link', 'set', name, 'up') }
  })
  return { behind, cables: laid, close: () => void first.stdin.end() }
}

/** Passes connections on from an address of this host to a port on loopback, which is not reached from elsewhere. */
export const openPassage = async (host: string, to: () => number): Promise<{ port: number; close(): void }> => {
  const server = createServer((socket) => {
    const other = connect(to(), '127.0.0.1')
    socket.pipe(other).pipe(socket)
    for (const [one, its] of [[socket, other] as const, [other, socket] as const])
      one.on('error', () => its.destroy()).on('close', () => its.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return { port: (server.address() as { port: number }).port, close: () => void server.close() }
}

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const VERSIONS = '/usr/lib/postgresql'
const START_LIMIT_MS = 30_000
const LEAVE_LIMIT_MS = 10_000

/** A PostgreSQL of our own, fsync on as it is by default: on loopback, in a temporary folder, gone when it is closed. */
export type Postgres = { readonly url: string; close(): Promise<void> }

/** @returns undefined when Debian's package `postgresql` is not installed */
export const openPostgres = async (): Promise<Postgres | undefined> => {
  const [version] = existsSync(VERSIONS) ? readdirSync(VERSIONS).sort().reverse() : []
  if (version === undefined) return undefined
  const bin = join(VERSIONS, version, 'bin')
  const data = mkdtempSync(join(tmpdir(), 'zennet-postgres-'))
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {}
  if (user.uid !== undefined) chownSync(data, user.uid, user.gid)
  const options = { ...user, cwd: data, stdio: 'ignore' } as const
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync'], options)
  const port = String(await freePort())
  const settings = ['listen_addresses=127.0.0.1', `port=${port}`, `unix_socket_directories=${data}`]
  const server = spawn(join(bin, 'postgres'), ['-D', data, ...settings.flatMap((it) => ['-c', it])], options)
  const ended = once(server, 'exit')
  const close = async () => {
    // First as it is polite: clients may still be leaving, and one that is cut off throws.
    server.kill('SIGTERM')
    const impatient = setTimeout(() => server.kill('SIGINT'), LEAVE_LIMIT_MS)
    await ended
    clearTimeout(impatient)
    rmSync(data, { recursive: true, force: true })
  }
  const until = performance.now() + START_LIMIT_MS
  while (!isReady(bin, port)) {
    if (performance.now() > until) {
      await close()
      throw new Error('PostgreSQL did not start')
    }
    await pause(100)
  }
  return { url: `postgresql://postgres@127.0.0.1:${port}/postgres`, close }
}

const idOf = (which: '-u' | '-g'): number => Number(execFileSync('id', [which, 'postgres'], { encoding: 'utf8' }))

const isReady = (bin: string, port: string): boolean => {
  try {
    execFileSync(join(bin, 'pg_isready'), ['-h', '127.0.0.1', '-p', port], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

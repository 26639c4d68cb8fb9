// A process of its own that owns the private dockerd of a test run. It starts the daemon when a test first asks (over `control.sock`),
// and takes everything down when its stdin closes: so it also does when vitest is interrupted or killed.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import Docker from 'dockerode'
import { cgroupName, sweep, tagOf } from './sweep.ts'

/** dockerd answers within 0.6 s on a quiet machine. */
const START_LIMIT_MS = 60_000
const STOP_LIMIT_MS = 20_000

const root = process.argv[2]!
const bridge = `znt${tagOf(root)}`
const cgroup = cgroupName(root)
const socketPath = join(root, 'docker.sock')
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

let daemon: ChildProcess | undefined
let starting: Promise<{ socketPath: string } | { why: string }> | undefined

/** A bridge of its own: `--bridge=none` beside another daemon would delete that one's docker0. */
const makeBridge = () => {
  execFileSync('ip', ['link', 'add', bridge, 'type', 'bridge'], { stdio: 'pipe' })
  const octet = () => Math.floor(Math.random() * 256)
  execFileSync('ip', ['addr', 'add', `10.${octet()}.${octet()}.1/24`, 'dev', bridge], { stdio: 'pipe' })
  execFileSync('ip', ['link', 'set', bridge, 'up'], { stdio: 'pipe' })
}

let hasBridge = false
const start = async (): Promise<{ socketPath: string } | { why: string }> => {
  if (!hasBridge) makeBridge()
  hasBridge = true
  // An empty one, so that a host's /etc/docker/daemon.json has no say; or what a test has written there.
  const config = join(root, 'daemon.json')
  if (!existsSync(config)) writeFileSync(config, '{}')
  // A containerd that died with a killed dockerd counts as running while nobody has collected it, as in a container without an init.
  rmSync(join(root, 'exec/containerd/containerd.pid'), { force: true })
  const log = openSync(join(root, 'dockerd.log'), 'a')
  const folder = (name: string) => {
    mkdirSync(join(root, name), { recursive: true })
    return join(root, name)
  }
  daemon = spawn(
    'dockerd',
    [
      ...['--data-root', folder('data'), '--exec-root', folder('exec'), '--pidfile', join(root, 'docker.pid')],
      ...['-H', `unix://${socketPath}`, '--config-file', config, '--cgroup-parent', `/${cgroup}`],
      ...['--containerd-namespace', cgroup, '--containerd-plugins-namespace', `${cgroup}-plugins`],
      ...[`--bridge=${bridge}`, '--iptables=false', '--ip6tables=false', '--ip-masq=false'],
    ],
    { stdio: ['ignore', log, log], detached: true },
  )
  closeSync(log)
  // A test may kill it: whoever asks next gets another.
  daemon.once('exit', () => {
    starting = undefined
  })
  let failed: string | undefined
  daemon.once('error', (error) => {
    failed = error.message
  })
  const until = Date.now() + START_LIMIT_MS
  while (Date.now() < until && failed === undefined && daemon.exitCode === null) {
    try {
      await new Docker({ socketPath }).ping()
      return { socketPath }
    } catch {
      await pause(50)
    }
  }
  const tail = readFileSync(join(root, 'dockerd.log'), 'utf8').slice(-600)
  return { why: `dockerd did not start: ${failed ?? tail}` }
}

const stop = async () => {
  const started = await starting
  if (started !== undefined && 'socketPath' in started) {
    const docker = new Docker({ socketPath })
    const all = await docker.listContainers({ all: true }).catch(() => [])
    await Promise.allSettled(all.map((one) => docker.getContainer(one.Id).remove({ force: true, v: true })))
  }
  if (daemon?.pid !== undefined && daemon.exitCode === null) {
    const ended = new Promise((resolve) => daemon?.once('exit', resolve))
    daemon.kill('SIGTERM')
    await Promise.race([ended, pause(STOP_LIMIT_MS)])
    if (daemon.exitCode === null) daemon.kill('SIGKILL')
  }
  await sweep(root, { bridge, cgroup })
}

let stopping = false
const finish = () => {
  if (stopping) return
  stopping = true
  stop().then(
    () => process.exit(0),
    (error) => {
      console.error(`private dockerd: ${String(error)}`)
      process.exit(1)
    },
  )
}

const control = createServer((connection) => {
  connection.on('error', () => {})
  starting ??= start().catch((error) => ({ why: String(error) }))
  starting.then((answer) => connection.end(`${JSON.stringify(answer)}\n`))
})
control.listen(join(root, 'control.sock'), () => process.stdout.write('ready\n'))
process.stdin.on('end', finish).on('error', finish).resume()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, finish)

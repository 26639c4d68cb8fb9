import { execFileSync, spawn } from 'node:child_process'
import { cpus } from 'node:os'
import { BUSYBOX_IMAGE } from '../../src/machine/busybox-image.ts'
import { type ShellTarget, sshCommand } from '../../src/shell/ssh-command.ts'
import { targetOf } from '../e2e/client.ts'
import { openMarket } from '../e2e/market.ts'
import { factsOf, leasesOf, stopLease } from '../e2e/story.ts'

// How long a tenant waits for a shell once a lease is agreed, with Docker and the image present, beside what Docker and OpenSSH take alone:
//   node test/bench/lease.ts [leases, default 10]
// Needs root, docker.io and openssh-client; the daemon, the chain and both nodes are its own and are gone afterwards.

const LEASES = Number(process.argv[2] ?? 10)
const LIMITS = ['--memory=64m', '--memory-swap=64m', '--cpus=0.5', '--pids-limit=64', '--network=none', '--read-only']
const HARDENED = ['--cap-drop=ALL', '--security-opt=no-new-privileges', '--init']

/** Milliseconds until `ssh … echo` has brought its first byte. */
const firstByte = (target: ShellTarget): Promise<number> =>
  new Promise((resolve, reject) => {
    const begin = performance.now()
    const [program = '', ...args] = sshCommand(target, ['echo ready'])
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let complaint = ''
    child.stderr.on('data', (part) => {
      complaint += String(part)
    })
    child.stdout.once('data', () => resolve(performance.now() - begin))
    child.once('close', () => reject(new Error(`ssh ended without a word: ${complaint}`)))
  })

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!
const row = (name: string, values: readonly number[]): string => {
  const sorted = values.toSorted((a, b) => a - b)
  return `| ${[name, median(values), sorted[0]!, sorted.at(-1)!].map((x) => (typeof x === 'string' ? x : Math.round(x))).join(' | ')} |`
}

const market = await openMarket({ machines: 'docker' })
const docker = (...args: string[]): string =>
  execFileSync('docker', ['-H', `unix://${market.socket}`, ...args], { encoding: 'utf8' }).trim()

/** `docker run` of the same image with the same limits. */
const plainRun = (): number => {
  const begin = performance.now()
  const id = docker('run', '-d', ...LIMITS, ...HARDENED, BUSYBOX_IMAGE, 'sleep', '1000')
  const ms = performance.now() - begin
  docker('rm', '-f', id)
  return ms
}

/** One lease, from the moment when both have signed. */
const agreedToShell = async () => {
  const txid = await market.announce({ tickMs: 1_000 })
  for (;;) {
    const lease = (await leasesOf(market.publisher, txid)).at(0)
    if (lease?.shell) {
      const target = await targetOf(market, lease.leaseId)
      await firstByte(target)
      const readyAt = Date.now()
      const facts = await factsOf(market.publisher, lease.leaseId)
      const at = (type: string): number => Date.parse(facts.find((fact) => fact.type === type)!.at)
      const warm = await firstByte(target)
      await stopLease(market.publisher, lease.leaseId)
      await market.when(market.provider, lease.leaseId, ({ released }) => released)
      const agreedAt = at('lease.agreed')
      return { whole: readyAt - agreedAt, machine: at('lease.provisioned') - agreedAt, warm }
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

try {
  // The first one imports the image; it is not counted.
  await agreedToShell()
  const [whole, machine, warm, run]: [number[], number[], number[], number[]] = [[], [], [], []]
  for (let n = 0; n < LEASES; n++) {
    run.push(plainRun())
    const lease = await agreedToShell()
    whole.push(lease.whole)
    machine.push(lease.machine)
    warm.push(lease.warm)
  }
  const baseline = run.map((ms, n) => ms + warm[n]!)
  console.log(
    `${cpus()[0]?.model}, ${cpus().length} cores, Docker ${docker('version', '-f', '{{.Server.Version}}')}, ${LEASES} leases\n`,
  )
  console.log('| ms | median | least | most |\n|---|---|---|---|')
  console.log(row('agreed → first byte of ssh', whole))
  console.log(row('of it: agreed → machine stands', machine))
  console.log(row('baseline: docker run + ssh into a standing machine', baseline))
  console.log(row('of it: docker run', run))
  console.log(row('of it: ssh', warm))
  console.log(
    row(
      'ours over the baseline',
      whole.map((ms, n) => ms - baseline[n]!),
    ),
  )
} finally {
  await market.close()
}
process.exit(0)

/**
 * What a short command costs from the shell's point of view: CPU of the launcher and everything that it starts, and time.
 * `node test/bench/cli-start.ts [RUNS]`. The cache of compiled code is warm, as it is from the second run on.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startNode, TOKEN } from '../api/node.ts'
import { leaseIdNumber, toMetering } from '../projections/lease-history.ts'

const ROOT = join(import.meta.dirname, '../..')
const runs = Number(process.argv[2] ?? 21)
const home = mkdtempSync(join(tmpdir(), 'zennet-cli-start-'))
const dataDir = join(home, 'node')
mkdirSync(dataDir)
const node = await startNode()
for (let n = 1; n <= 20; n++) await node.append(`lease-${leaseIdNumber(n)}`, ...toMetering(leaseIdNumber(n)))
writeFileSync(join(dataDir, 'api-token'), TOKEN)
writeFileSync(join(dataDir, 'api.json'), JSON.stringify({ url: node.api.url }))

/** User and system time of the children that this process has waited for, ms. Source: proc(5), `cutime`, `cstime`; 100 ticks a second. */
const childrenMs = (): number => {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[13]) + Number(fields[14])) * 10
}

const measure = async (name: string, command: readonly string[]): Promise<void> => {
  const env = { PATH: process.env['PATH'], HOME: home, XDG_CACHE_HOME: join(home, 'cache'), ZENNET_DATA_DIR: dataDir }
  const once = (): Promise<void> =>
    new Promise((done, failed) => {
      const child = spawn(command[0]!, command.slice(1), { env, cwd: ROOT, stdio: 'ignore' })
      child.on('close', (code) => (code === 0 ? done() : failed(new Error(`${name} ended with ${code}`))))
    })
  for (let warm = 0; warm < 3; warm++) await once()
  const cpu = childrenMs()
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    const begun = performance.now()
    await once()
    times.push(performance.now() - begun)
  }
  times.sort((a, b) => a - b)
  const mean = (childrenMs() - cpu) / runs
  console.log(
    `${name.padEnd(34)} CPU ${mean.toFixed(0).padStart(4)} ms   median ${times[runs >> 1]!.toFixed(0).padStart(4)} ms`,
  )
}

try {
  const sh = join(ROOT, 'ops/bin/zennet')
  const own = join(ROOT, 'node_modules/node/bin/node')
  await measure('an empty program of this Node', [own, '-e', '0'])
  await measure('zennet --version', [sh, '--version'])
  await measure('zennet lease ls (20 leases)', [sh, 'lease', 'ls'])
  await measure('zennet __complete -- lease show', [sh, '__complete', '--', 'lease', 'show', ''])
  await measure('node ops/bin/zennet.mjs lease ls', ['node', join(ROOT, 'ops/bin/zennet.mjs'), 'lease', 'ls'])
  await measure('no cache: src/cli/main.ts lease ls', [own, join(ROOT, 'src/cli/main.ts'), 'lease', 'ls'])
} finally {
  await node.close()
  rmSync(home, { recursive: true, force: true })
}

import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const node = `${root}node_modules/node/bin/node`

/** What Node compiled is kept in the user's cache, as `ops/bin/zennet` does it. */
const compileCache = () => {
  const cache = process.env.XDG_CACHE_HOME || (process.env.HOME && `${process.env.HOME}/.cache`)
  return cache && !process.env.NODE_COMPILE_CACHE ? { NODE_COMPILE_CACHE: `${cache}/zennet` } : {}
}

/**
 * Runs a program of the project with the project's Node, whatever Node and folder this was called from. Arguments, standard streams,
 * signals and the exit code pass through.
 *
 * @param nodeFlags for this program's Node
 */
export const launch = (program, nodeFlags = []) => {
  if (!existsSync(node)) {
    // Standard output belongs to the program's data.
    const setup = spawnSync(process.execPath, [`${root}ops/setup.mjs`], { stdio: ['ignore', 2, 2] })
    if (setup.status !== 0) process.exit(setup.status ?? 1)
  }
  const args = ['--disable-warning=ExperimentalWarning', ...nodeFlags, `${root}${program}`, ...process.argv.slice(2)]
  const child = spawn(node, args, { stdio: 'inherit', env: { ...process.env, ...compileCache() } })

  // A terminal sends these to both of us; passing them on would make one Ctrl-C look like two.
  const fromTerminal = process.stdin.isTTY ? new Set(['SIGINT', 'SIGQUIT']) : new Set()
  const handlers = new Map()
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR2']) {
    const pass = () => void (fromTerminal.has(signal) || child.kill(signal))
    handlers.set(signal, pass)
    process.on(signal, pass)
  }
  child.on('error', (error) => {
    process.stderr.write(`zennet: ${node} does not start: ${error.message}. Run npm ci in ${root}.\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    for (const [name, pass] of handlers) process.off(name, pass)
    process.kill(process.pid, signal)
    // Where a signal is ignored by whoever started us, the shell's convention says the same.
    process.exitCode = 128 + (constants.signals[signal] ?? 0)
  })
}

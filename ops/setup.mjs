// Makes node_modules what package-lock.json says. Runs before `npm start` and `npm test`, on any Node from 20, with nothing installed.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const OLDEST_NODE = 20
/** A run that holds the lock for longer was suspended or lost its machine. */
const LOCK_TIMEOUT_MS = 20 * 60_000
const LOCK_POLL_MS = 250

const root = resolve(process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url)))
const modules = join(root, 'node_modules')
const installed = join(modules, '.package-lock.json')
const stamp = join(modules, '.zennet-setup.json')
const lock = join(root, '.cache', 'setup.lock')

const say = (text) => process.stderr.write(`setup: ${text}\n`)
const readJson = (path) => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

/** What the present state of node_modules depends on. The time says that npm has touched it since. */
const wanted = () =>
  JSON.stringify({
    lock: createHash('sha256')
      .update(readFileSync(join(root, 'package-lock.json')))
      .digest('hex'),
    machine: `${process.platform}-${process.arch}`,
    installedMs: existsSync(installed) ? statSync(installed).mtimeMs : 0,
  })

const projectNode = () => readJson(join(root, 'package.json'))?.dependencies?.node
const nodePath = join(modules, 'node', 'bin', 'node')

const isStamped = () => {
  if (projectNode() !== undefined && !existsSync(nodePath)) return false
  try {
    return readFileSync(stamp, 'utf8') === wanted()
  } catch {
    return false
  }
}

const putStamp = () => {
  try {
    writeFileSync(stamp, wanted())
  } catch {
    // A tree that cannot be written to works all the same: only the next check takes longer.
  }
}

/** @returns why an install is needed, or undefined */
const missing = () => {
  if (!existsSync(modules)) return 'nothing is installed yet'
  const have = readJson(installed)?.packages
  if (have === undefined) return 'an earlier install did not finish'
  const want = readJson(join(root, 'package-lock.json'))?.packages ?? {}
  for (const [path, { version, integrity, resolved, optional, devOptional }] of Object.entries(want)) {
    if (!path.startsWith('node_modules/')) continue
    const found = have[path]
    // npm leaves out optional packages made for other systems.
    if (found === undefined && (optional || devOptional)) continue
    if (found === undefined || !existsSync(join(root, path))) return `${path.slice('node_modules/'.length)} is missing`
    if (found.version !== version || found.integrity !== integrity || found.resolved !== resolved)
      return `${path.slice('node_modules/'.length)} changed`
  }
  for (const path of Object.keys(have)) if (want[path] === undefined) return `${path} is no longer wanted`
  return nodeProblem()
}

const nodeProblem = () => {
  const version = projectNode()
  if (version === undefined) return undefined
  const ran = spawnSync(nodePath, ['--version'], { encoding: 'utf8' })
  if (ran.stdout?.trim() === `v${version}`) return undefined
  return `the project's Node ${version} does not run here`
}

/** npm must not run on the Node inside the folder that it deletes, nor may the packages' scripts. */
const npmCi = () => {
  const inside = (path) => path.split(/[\\/]/).includes('node_modules') && resolve(path).startsWith(modules)
  const path = (process.env.PATH ?? '').split(delimiter).filter((entry) => !inside(entry))
  const env = { ...process.env, PATH: path.join(delimiter) }
  const flags = [
    'ci',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--ignore-scripts=false',
    '--include=dev',
    '--include=optional',
  ]
  const { npm_execpath: cli, npm_node_execpath: node } = process.env
  const direct = cli?.endsWith('npm-cli.js') && node && !inside(node) && existsSync(node) && existsSync(cli)
  const [program, args] = direct ? [node, [cli, ...flags]] : ['npm', flags]
  return new Promise((done) => {
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 2, 2] })
    child.on('error', (error) =>
      done(error.code === 'ENOENT' ? 'npm was not found: install it beside Node' : error.message),
    )
    child.on('close', (code, signal) => done(code === 0 ? undefined : `npm ci ended with ${signal ?? `code ${code}`}`))
  })
}

const isAlive = (pid) => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** mkdir is atomic: whoever made the folder installs, the others wait for it. */
const takeLock = async () => {
  mkdirSync(join(root, '.cache'), { recursive: true })
  for (let told = false; ; ) {
    try {
      mkdirSync(lock)
      writeFileSync(join(lock, 'pid'), String(process.pid))
      return
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const pid = Number(readJson(join(lock, 'pid')))
    const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
    // The folder is made a moment before the number is in it.
    const isLeft = pid > 0 ? !isAlive(pid) || age > LOCK_TIMEOUT_MS : age > 10_000
    if (isLeft) {
      rmSync(lock, { recursive: true, force: true })
      continue
    }
    if (!told) say(`waiting for another install in this folder (process ${pid || 'just started'})`)
    told = true
    await new Promise((done) => setTimeout(done, LOCK_POLL_MS))
  }
}

/**
 * ssh2's native ciphers are bound to one major version of Node, and npm has built them for its own. Built again for the project's
 * Node, whose package carries the headers. Without a compiler ssh2 works in JavaScript, at about half the speed.
 */
const buildNative = () => {
  const headers = [join(modules, 'node', 'node_modules'), modules]
    .map((folder) => join(folder, `node-${process.platform}-${process.arch}`))
    .find((folder) => existsSync(join(folder, 'include', 'node', 'node_version.h')))
  const { npm_execpath: cli } = process.env
  const npm = cli?.endsWith('npm-cli.js') && existsSync(cli) ? cli : npmCli()
  if (headers === undefined || npm === undefined) return 'Node’s headers or npm were not found'
  const env = {
    ...process.env,
    PATH: `${join(modules, 'node', 'bin')}${delimiter}${process.env.PATH ?? ''}`,
    npm_config_nodedir: headers,
  }
  const ran = spawnSync(nodePath, [npm, 'rebuild', 'ssh2', '--loglevel=error'], { cwd: root, env, stdio: 'ignore' })
  return ran.status === 0 ? undefined : 'no compiler, or it failed'
}

const npmCli = () => {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    try {
      const found = realpathSync(join(folder, 'npm'))
      if (found.endsWith('npm-cli.js')) return found
    } catch {}
  }
  return undefined
}

const install = async (why) => {
  say(`installing the packages, because ${why}; this takes a minute or two the first time`)
  const began = Date.now()
  const problem = (await npmCi()) ?? nodeProblem()
  if (problem === undefined) {
    const slower = buildNative()
    if (slower !== undefined) say(`SSH will run without native ciphers, at about half the speed: ${slower}`)
  }
  if (problem === undefined) return say(`done in ${Math.round((Date.now() - began) / 1000)} s`)
  say(`${problem}.`)
  say(
    'Check the network (npm needs its registry once) and the free disk space (1 GB), then run the same command again.',
  )
  say('For the whole story: npm ci --loglevel=verbose')
  process.exitCode = 1
}

/** The dashboard's files are made of what lies here; its own program knows whether there is anything to do. Without it a node says so. */
const buildDashboard = () => {
  const build = join(root, 'ops', 'dashboard', 'build.ts')
  if (!existsSync(build) || !existsSync(nodePath)) return
  const ran = spawnSync(nodePath, ['--disable-warning=ExperimentalWarning', build], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (ran.status !== 0) say('the dashboard could not be built: everything else works; npm run dashboard says why')
}

const main = async () => {
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
    say(
      `Node ${process.versions.node} is too old: install Node ${OLDEST_NODE} or newer (it only starts the project's own).`,
    )
    process.exitCode = 1
    return
  }
  if (isStamped()) return buildDashboard()
  const needed = missing()
  if (needed === undefined) {
    putStamp()
    return buildDashboard()
  }
  await takeLock()
  try {
    // Whoever held the lock before may have done it.
    const why = missing()
    if (why !== undefined) await install(why)
    if (process.exitCode === undefined) putStamp()
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
  if (process.exitCode === undefined) buildDashboard()
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    if (readJson(join(lock, 'pid')) === process.pid) rmSync(lock, { recursive: true, force: true })
    process.kill(process.pid, signal)
  })
}

await main().catch((error) => {
  say(`${error.message}. Check that ${root} can be written to.`)
  process.exitCode = 1
})

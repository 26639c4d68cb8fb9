import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const PROGRAM = `
process.on('SIGTERM', () => process.exit(7))
const [, , what] = process.argv
if (what === 'wait') setInterval(() => {}, 1000)
if (what === 'die') process.kill(process.pid, 'SIGKILL')
process.stdin.resume()
console.log(JSON.stringify({ args: process.argv.slice(2), node: process.version, cwd: process.cwd() }))
if (what === 'end') process.exit(Number(process.argv[3]))
`

describe.each(['zennet.mjs', 'zennet'])('the launcher ops/bin/%s', (launcher) => {
  let root: string
  beforeEach(() => {
    // A project of the same shape, whose program tells what it was given. Its path has what shells and URLs trip over.
    root = join(mkdtempSync(join(tmpdir(), 'zennet-bin-')), 'a b#%20ä')
    for (const folder of ['ops/bin', 'src/cli']) mkdirSync(join(root, folder), { recursive: true })
    for (const file of ['zennet.mjs', 'launch.mjs', 'zennet'])
      copyFileSync(`ops/bin/${file}`, join(root, 'ops/bin', file))
    symlinkSync(resolve('node_modules'), join(root, 'node_modules'))
    writeFileSync(join(root, 'src/cli/main.ts'), PROGRAM)
    writeFileSync(join(root, 'package.json'), '{"type":"module"}')
  })
  afterEach(() => rmSync(resolve(root, '..'), { recursive: true, force: true }))

  const start = (...args: string[]): ChildProcess =>
    spawn(launcher.endsWith('.mjs') ? process.execPath : 'sh', [join(root, 'ops/bin', launcher), ...args], {
      cwd: tmpdir(),
      env: { ...process.env, XDG_CACHE_HOME: join(root, 'cache') },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
  const firstLine = async (child: ChildProcess) => JSON.parse(String((await once(child.stdout!, 'data'))[0])) as object

  it('pass arguments, folder and exit code', async () => {
    const child = start('end', '3', 'a b', '--flag')
    const [line, [code]] = await Promise.all([firstLine(child), once(child, 'exit')])
    expect(line).toEqual({ args: ['end', '3', 'a b', '--flag'], node: process.version, cwd: tmpdir() })
    expect(code).toBe(3)
  })

  it('pass signals on', async () => {
    const child = start('wait')
    await firstLine(child)
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([7, null])
  })

  it('end by the signal that ended the program', async () => {
    const child = start('die')
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
  })
})

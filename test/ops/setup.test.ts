import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const SETUP = resolve('ops/setup.mjs')
const STAMP = 'node_modules/.zennet-setup.json'
const hasNpm = spawnSync('npm', ['--version'], { stdio: 'ignore' }).status === 0
const run = promisify(execFile)

/** A project with one dependency, which is in the same folder: npm does real work, and needs no network. */
const project = async (root: string, version: string) => {
  await mkdir(join(root, 'one'), { recursive: true })
  const one = { name: 'one', version }
  const self = { name: 'project', version: '1.0.0', dependencies: { one: 'file:one' } }
  const packages = { '': self, 'node_modules/one': { resolved: 'one', link: true }, one: { version } }
  const write = (path: string, value: unknown) => writeFileSync(join(root, path), JSON.stringify(value))
  write('one/package.json', one)
  write('package.json', self)
  write('package-lock.json', { name: 'project', version: '1.0.0', lockfileVersion: 3, requires: true, packages })
}

describe.skipIf(!hasNpm && !process.env['CI'])('setup', () => {
  let root: string
  const setup = () => run(process.execPath, [SETUP, root])
  const withoutNpm = () =>
    run(process.execPath, [SETUP, root], { env: { PATH: '/nowhere' } }).then(
      () => 0,
      (error: { code: number }) => error.code,
    )
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'zennet-setup-'))
    await project(root, '1.0.0')
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  it('installs what the lock file names, and then has nothing to do', async () => {
    await setup()
    expect(existsSync(join(root, 'node_modules/one/package.json'))).toBe(true)
    const stamp = readFileSync(join(root, STAMP), 'utf8')
    expect(await withoutNpm()).toBe(0)
    expect(readFileSync(join(root, STAMP), 'utf8')).toBe(stamp)
    expect(existsSync(join(root, '.cache/setup.lock'))).toBe(false)
  })

  it('takes over what npm has installed already', async () => {
    await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root })
    expect(await withoutNpm()).toBe(0)
    expect(existsSync(join(root, STAMP))).toBe(true)
  })

  it('installs anew when a package is gone', async () => {
    await setup()
    rmSync(join(root, 'node_modules'), { recursive: true })
    await setup()
    expect(existsSync(join(root, 'node_modules/one/package.json'))).toBe(true)
  })

  it('installs once when two start together', async () => {
    const [a, b] = await Promise.all([setup(), setup()])
    expect(`${a.stderr}${b.stderr}`.match(/installing the packages/g)).toHaveLength(1)
  })

  it('goes past the lock of a run that was killed', async () => {
    await mkdir(join(root, '.cache/setup.lock'), { recursive: true })
    const { pid } = spawnSync(process.execPath, ['--version'])
    writeFileSync(join(root, '.cache/setup.lock/pid'), String(pid))
    await setup()
    expect(existsSync(join(root, STAMP))).toBe(true)
  })

  it('fails, and installs nothing half, where npm cannot work', async () => {
    expect(await withoutNpm()).toBe(1)
    expect(existsSync(join(root, STAMP))).toBe(false)
    writeFileSync(join(root, 'package-lock.json'), '{}')
    await expect(setup()).rejects.toMatchObject({ code: 1 })
    await project(root, '1.0.0')
    await setup()
    expect(existsSync(join(root, STAMP))).toBe(true)
  })
})

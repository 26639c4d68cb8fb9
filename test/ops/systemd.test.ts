import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findProgram } from '../../src/machine/host-program.ts'
import { unknownWords } from './settings.ts'

const FOLDER = 'ops/systemd'
const units = readdirSync(FOLDER).filter((name) => name.endsWith('.service'))
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8')
const INSTALLED = '/opt/zennet/'

/** What `systemd-analyze security` may come to, in tenths: 0 is shut, 100 open. The provider's group and view of processes cost a little. */
const EXPOSURE_TENTHS: Readonly<Record<string, number>> = {
  'xencoind.service': 20,
  'zennet-publisher.service': 20,
  'zennet-provider.service': 30,
}

/** The command of a unit: Node and its flags, the program's file, and what it is started with. */
const commandOf = (unit: string): { file: string; words: string[] } => {
  const [, node, rest] = /^ExecStart=(\S+) (.*)$/m.exec(unit)!
  const words = rest!.split(' ')
  const at = words.findIndex((word) => word.endsWith('.ts'))
  expect(existsSync(node!.replace(INSTALLED, ''))).toBe(true)
  return { file: words[at]!.replace(INSTALLED, ''), words: words.slice(at + 1) }
}

describe.each(units)('%s', (name) => {
  it('starts a program with flags that it has', () => {
    const { file, words } = commandOf(read(name))
    expect(['src/main.ts', 'src/cli/xencoind.ts']).toContain(file)
    expect(unknownWords(file === 'src/main.ts' ? 'zennetd' : 'xencoind', words)).toEqual([])
  })
})

const analyze = findProgram('systemd-analyze')
const run = (program: string, ...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(findProgram(program) ?? program, args, { encoding: 'utf8' })
  return { status, said: `${stdout}${stderr}` }
}

describe.skipIf(analyze === undefined && !process.env['CI'])(`systemd ${analyze ? '' : '(not installed)'}`, () => {
  let folder: string
  /** As it would be installed, with the programs of this tree. */
  const place = (name: string, text = read(name)): string => {
    const path = join(folder, name)
    writeFileSync(path, text.replaceAll(INSTALLED, `${resolve('.')}/`))
    return path
  }
  const verify = (path: string) => run('systemd-analyze', 'verify', '--man=no', '--recursive-errors=no', path)
  const judge = (path: string, tenths: number) =>
    run('systemd-analyze', 'security', '--offline=true', `--threshold=${tenths}`, path)
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'zennet-units-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('there is a limit for each unit', () => expect(Object.keys(EXPOSURE_TENTHS).sort()).toEqual(units.sort()))

  it.each(units)('finds nothing wrong with %s', (name) => {
    expect(verify(place(name))).toEqual({ status: 0, said: '' })
  })

  it.each(units)('finds %s shut enough', (name) => {
    const { status, said } = judge(place(name), EXPOSURE_TENTHS[name]!)
    expect(status, said).toBe(0)
    expect(said).toContain('Overall exposure level')
  })

  it('would notice a key that is none, and a unit that is open', () => {
    const text = read('xencoind.service')
    expect(verify(place('typo.service', text.replace('ProtectHome', 'ProtectHouse'))).said).toContain('ProtectHouse')
    const open = place('open.service', text.replace('User=zennet', 'User=root').replace(/^(Protect|Restrict).*$/gm, ''))
    expect(judge(open, EXPOSURE_TENTHS['xencoind.service']!).status).not.toBe(0)
  })

  it.skipIf(process.getuid?.() !== 0)('makes the user and the folders (needs root)', () => {
    const root = join(folder, 'root')
    mkdirSync(join(root, 'etc'), { recursive: true })
    const made = run('systemd-sysusers', `--root=${root}`, resolve(FOLDER, 'zennet.sysusers'))
    expect(made.status, made.said).toBe(0)
    expect(readFileSync(join(root, 'etc/passwd'), 'utf8')).toMatch(/^zennet:x:\d+:\d+:Zennet:\/var\/lib\/zennet:/m)
    const folders = run('systemd-tmpfiles', `--root=${root}`, '--create', resolve(FOLDER, 'zennet.tmpfiles'))
    expect(folders.status, folders.said).toBe(0)
    expect(existsSync(join(root, 'etc/zennet'))).toBe(true)
  })
})

import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SCRIPTS, SHELLS } from '../../src/cli/completion/scripts.ts'
import { findProgram } from '../../src/machine/host-program.ts'
import { startNode, type TestNode, TOKEN } from '../api/node.ts'
import { leaseIdNumber, sought } from '../projections/lease-history.ts'
import { openTerminal } from './terminal.ts'
import { zennet } from './zennet.ts'

const timeout = 240_000
/** A node that is slow to answer has no ids, so that nobody waits at the keyboard: then it is asked once more. */
const patient = { timeout: 120_000 }
const TAB_AGAIN_MS = 5_000
/** As `leaseIdNumber` makes it, and told apart from all others by its first digits. */
const LEASE = `fe${leaseIdNumber(7).slice(2)}`
let home: string
let node: TestNode
let dataDir: string
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'zennet-completion-'))
  dataDir = join(home, 'node')
  mkdirSync(dataDir)
  node = await startNode()
  writeFileSync(join(dataDir, 'api-token'), TOKEN)
  writeFileSync(join(dataDir, 'api.json'), JSON.stringify({ url: node.api.url }))
  await node.append(`lease-${LEASE}`, sought(LEASE))
  for (const shell of SHELLS) writeFileSync(join(home, `complete.${shell}`), SCRIPTS[shell])
})
afterAll(async () => {
  await node.close()
  rmSync(home, { recursive: true, force: true })
})

const environment = () => ({
  PATH: `${join(import.meta.dirname, '../../ops/bin')}:${process.env['PATH']}`,
  HOME: home,
  XDG_CONFIG_HOME: join(home, 'config'),
  XDG_CACHE_HOME: join(home, 'cache'),
  ZENNET_DATA_DIR: dataDir,
})
const words = async (...typed: string[]): Promise<string[]> => {
  const { code, stdout, stderr } = await zennet(['__complete', '--', ...typed], { home, env: environment() })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')[0]!]))
}

describe('what may stand there', () => {
  it('commands, options, their values', { timeout }, async () => {
    expect(await words('le')).toEqual(['lease'])
    expect(await words('lease', 's')).toEqual(['show', 'ssh', 'stop'])
    expect(await words('lease', 'ls', '--si')).toEqual(['--side'])
    expect(await words('lease', 'ls', '--side', '')).toEqual(['publisher', 'provider'])
    expect(await words('lease', 'ls', '-o', 'y')).toEqual(['yaml'])
    expect(await words('completion', '')).toEqual(['bash', 'zsh', 'fish'])
    expect(await words('wallet', 'psbt', 'c')).toEqual(['create', 'combine'])
    expect(await words('receipt', 'verify', '')).toEqual([':files'])
    expect(await words('rent', '--', '')).toEqual([':files'])
    expect(await words('nonsense', '')).toEqual([])
  })

  it('ids that the node has, and contexts', { timeout }, async () => {
    await expect.poll(() => words('lease', 'show', ''), patient).toEqual([LEASE])
    expect(await words('lease', 'show', '00')).toEqual([])
    expect(await words('lease', 'show', LEASE, '')).toEqual([])
    await zennet(['context', 'add', 'office', '--data-dir', dataDir], { home, env: environment() })
    expect(await words('lease', 'ls', '--context', '')).toEqual(['office'])
    expect(await words('context', 'use', 'o')).toEqual(['office'])
  })

  it('nothing, and soon, when there is no node or it does not answer', { timeout }, async () => {
    expect(await words('lease', 'show', '--data-dir', join(home, 'none'), '')).toEqual([])
    const silent = createServer(() => {}).listen(0, '127.0.0.1')
    await new Promise((done) => silent.once('listening', done))
    const { port } = silent.address() as { port: number }
    expect(await words('lease', 'show', '--url', `http://127.0.0.1:${port}`, '--token', TOKEN, '')).toEqual([])
    silent.close()
  })
})

const skip = (shell: string) => findProgram(shell) === undefined && !process.env['CI']
const titled = (shell: string) => `${shell}${findProgram(shell) === undefined ? ' (not installed)' : ''}`

/** In an interactive shell of its own, at Tab. */
const typed = async (shell: string, args: readonly string[], setUp: string, line: string, wanted: RegExp) => {
  const one = openTerminal(shell, args, { home, columns: 200, env: { ...environment(), PS1: '$ ', PROMPT: '$ ' } })
  try {
    one.type(`${setUp}; echo rea''dy\r`)
    await one.until(/ready\r?\n/)
    const { length } = one.written()
    one.type(`${line}\t`)
    const again = setInterval(() => one.type('\t'), TAB_AGAIN_MS)
    await one.until(wanted, length).finally(() => clearInterval(again))
  } finally {
    one.kill()
    await one.ended
  }
}

describe.skipIf(skip('bash'))(titled('bash'), () => {
  const at = ['--norc', '--noprofile', '-i']
  it('completes a command and an id at Tab', { timeout }, async () => {
    const load = `source ${join(home, 'complete.bash')}`
    await typed('bash', at, load, 'zennet wal', /zennet wallet /)
    await typed('bash', at, load, 'zennet lease show fe', new RegExp(`show ${LEASE} `))
  })
})

describe.skipIf(skip('zsh'))(titled('zsh'), () => {
  it('completes a command and an id at Tab', { timeout }, async () => {
    const load = `autoload -Uz compinit && compinit -u -D && source ${join(home, 'complete.zsh')}`
    await typed('zsh', ['-f', '-i'], load, 'zennet wal', /let/)
    await typed('zsh', ['-f', '-i'], load, 'zennet lease show fe', new RegExp(LEASE.slice(2)))
  })
})

describe.skipIf(skip('fish'))(titled('fish'), () => {
  it('completes a command, an option and an id', { timeout }, async () => {
    const ask = async (line: string) => {
      const script = `source ${join(home, 'complete.fish')}; complete -C '${line}'`
      const { stdout } = await promisify(execFile)('fish', ['--no-config', '-c', script], { env: environment() })
      return stdout.split('\n').flatMap((one) => (one === '' ? [] : [one.split('\t')[0]!]))
    }
    expect(await ask('zennet wal')).toContain('wallet')
    expect(await ask('zennet lease ls --si')).toContain('--side')
    await expect.poll(() => ask('zennet lease show fe'), patient).toContain(LEASE)
    expect(await ask('zennet lease ls -o ')).toContain('yaml')
  })
})

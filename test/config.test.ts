import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Fault } from '../domain/fault.ts'
import { envName, readConfig, SETTINGS } from '../src/config.ts'
import { lockDataDir } from '../src/data-lock.ts'

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'zennet-config-'))
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

const codeOf = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    if (error instanceof Fault) return error.code
    throw error
  }
  return 'no fault'
}

/** An XDG folder of its own, so that the tester's own config is never read. */
const env = (more: Record<string, string> = {}) => ({ XDG_CONFIG_HOME: dataDir, ...more })

describe('config', () => {
  it('has a default for everything but the data directory', () => {
    const config = readConfig({ flags: { dataDir }, env: env() })
    expect(config).toMatchObject({
      apiPort: 4000,
      apiHost: '127.0.0.1',
      publisherPort: 4001,
      shellPort: 4022,
      rpcPort: 28554,
    })
  })

  it('takes a flag before the environment, that before the file, and that before the default', async () => {
    const sources = (flags: object, variables: Record<string, string>) => ({
      flags: { dataDir, ...flags },
      env: env(variables),
    })
    await writeFile(join(dataDir, 'config.json'), '{"apiPort": 1}')
    expect(readConfig(sources({}, {})).apiPort).toBe(1)
    expect(readConfig(sources({}, { ZENNET_API_PORT: '2' })).apiPort).toBe(2)
    expect(readConfig(sources({ apiPort: '3' }, { ZENNET_API_PORT: '2' })).apiPort).toBe(3)
    expect(readConfig(sources({ apiPort: undefined }, {})).apiPort).toBe(1)
  })

  it('knows every setting by its variable', () => {
    expect(envName('priceMemGiBHour')).toBe('ZENNET_PRICE_MEM_GIB_HOUR')
    expect(new Set(SETTINGS.map(({ name }) => envName(name))).size).toBe(SETTINGS.length)
    for (const { about } of SETTINGS) expect(about).not.toBe('')
  })

  it.each([
    ['a flag', { flags: { apiProt: '1' }, env: {} }],
    ['the environment', { flags: {}, env: { ZENNET_API_PROT: '1' } }],
  ])('refuses an unknown key in %s', (_, { flags, env: variables }) => {
    const read = () => readConfig({ flags: { dataDir, ...flags }, env: env(variables as Record<string, string>) })
    expect(codeOf(read)).toBe('config.unknown-key')
  })

  it.each([
    ['{"apiProt": 1}', 'config.unknown-key'],
    ['{"apiPort": "many"}', 'config.bad-value'],
    ['{"apiPort": 70000}', 'config.bad-value'],
    ['[1]', 'config.bad-file'],
    ['{"apiPort": 1', 'config.bad-file'],
  ])('refuses the file %s with %s', async (text, code) => {
    await writeFile(join(dataDir, 'config.json'), text)
    expect(codeOf(() => readConfig({ flags: { dataDir }, env: env() }))).toBe(code)
  })

  it('refuses a named file that is not there', () => {
    const flags = { dataDir, config: join(dataDir, 'none.json') }
    expect(codeOf(() => readConfig({ flags, env: env() }))).toBe('config.bad-file')
  })
})

describe('the lock of a data directory', () => {
  it('says which directory cannot be written to', async () => {
    await writeFile(join(dataDir, 'file'), '')
    expect(codeOf(() => lockDataDir(join(dataDir, 'file', 'below')))).toBe('node.data-dir')
  })

  it('keeps a second node out, and lets it in when the first is gone', () => {
    const free = lockDataDir(dataDir)
    expect(codeOf(() => lockDataDir(dataDir))).toBe('node.locked')
    free()
    lockDataDir(dataDir)()
  })
})

import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { zennet } from './zennet.ts'

let home: string
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'zennet-cli-'))
})
afterAll(() => rm(home, { recursive: true, force: true }))

/** Many programs one after the other, on a machine that does other things as well. */
const timeout = 240_000
const run = (args: readonly string[], env: Record<string, string> = {}, input = '') =>
  zennet(args, { home, env, input })
const TOKEN = 'x'.repeat(43)

/** A port of this machine that nobody listens on. */
const deadUrl = async (): Promise<string> => {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return `http://127.0.0.1:${port}`
}

/** Answers everything with one status and body: a node that is a stranger's. */
const answering = async (status: number, body: unknown): Promise<{ url: string; server: Server }> => {
  const server = createServer((_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

it('tells of itself on stdout and ends with 0', { timeout }, async () => {
  for (const args of [['--help'], ['rent', '--help'], ['lease', 'receipt', '--help'], ['help', 'wallet']]) {
    const { code, stdout } = await run(args)
    expect(code, args.join(' ')).toBe(0)
    expect(stdout).toContain('Usage: zennet')
  }
  expect(await run(['--version'])).toMatchObject({ code: 0, stdout: '0.1.0\n' })
})

it('ends with 2 and prints no data when it cannot be meant', { timeout }, async () => {
  const wrong = [
    [],
    ['nonsense'],
    ['lease'],
    ['lease', 'nonsense'],
    ['lease', 'show'],
    ['lease', 'ls', '--nonsense'],
    ['lease', 'ls', '-o', 'xml'],
    ['lease', 'ls', '--limit', '0'],
    ['lease', 'watch', 'abcd', '--after', '-1'],
    ['wallet', 'bump'],
    ['wallet', 'bump', 'ab', '--target', '0'],
    ['wallet', 'psbt'],
    ['wallet', 'psbt', 'combine'],
    ['wallet', 'unlock', '--for', '5'],
    ['rent', '--memory', '256mib'],
    ['rent', '--duration', '90'],
    ['rent', '--cpu', 'many'],
    ['rent', '--max-price', '1.5'],
    ['rent', '--isolation', 'wishful'],
    ['rent', 'uname', '-a'],
    ['wallet', 'send', 'address', '-1'],
    ['provide', '--roles', 'publisher'],
    ['provide', '--api-port', 'many'],
    ['lease', 'ls', '--url', 'ftp://127.0.0.1/', '--token', TOKEN],
  ]
  for (const args of wrong) {
    const { code, stdout, stderr } = await run(args)
    expect(code, args.join(' ')).toBe(2)
    expect(stdout, args.join(' ')).toBe('')
    expect(stderr, args.join(' ')).not.toBe('')
  }
})

it('ends with 5 when no node answers', { timeout }, async () => {
  const url = await deadUrl()
  expect((await run(['lease', 'ls'])).code).toBe(5)
  expect((await run(['lease', 'ls', '--url', url, '--token', TOKEN])).code).toBe(5)
  expect((await run(['market', 'ls'], { ZENNET_URL: url, ZENNET_TOKEN: TOKEN })).code).toBe(5)
  expect((await run(['rent', '--url', url, '--token', TOKEN, '--', 'true'])).code).toBe(5)
})

it('ends with 4 when the node does not take the token, and sends its own to nobody else', { timeout }, async () => {
  const { url, server } = await answering(401, {
    errors: [{ message: 'no', extensions: { code: 'api.unauthorized' } }],
  })
  expect((await run(['wallet', 'balance', '--url', url, '--token', TOKEN])).code).toBe(4)
  server.close()
  const dataDir = join(home, 'with-token')
  mkdirSync(dataDir)
  writeFileSync(join(dataDir, 'api-token'), TOKEN)
  expect((await run(['lease', 'ls', '--url', 'http://192.0.2.1:4000', '--data-dir', dataDir])).code).toBe(4)
})

it('finds the node that runs in a data directory', { timeout }, async () => {
  const { url, server } = await answering(200, { data: { leases: { edges: [] } } })
  const dataDir = join(home, 'running')
  mkdirSync(dataDir)
  writeFileSync(join(dataDir, 'api-token'), TOKEN)
  writeFileSync(join(dataDir, 'api.json'), JSON.stringify({ url }))
  expect(await run(['lease', 'ls', '--data-dir', dataDir, '-o', 'json'])).toMatchObject({ code: 0, stdout: '[]\n' })
  expect(await run(['lease', 'ls', '-o', 'jsonl'], { ZENNET_DATA_DIR: dataDir })).toMatchObject({ code: 0, stdout: '' })
  server.close()
})

it('shows hostile text of a stranger escaped, as a table and as JSON', { timeout }, async () => {
  const label = '\x1b]0;owned\x07\u202eevil\nline'
  const row = {
    txid: 'ab'.repeat(32),
    status: 'STANDING',
    own: false,
    author: null,
    count: 1,
    label,
    image: 'x\x9b2J',
    isolation: null,
    maxHourlyMsat: '1000',
    height: 1,
    resources: null,
    record: null,
    verdict: null,
  }
  const { url, server } = await answering(200, { data: { announcements: { edges: [{ node: row }] } } })
  const target = ['--url', url, '--token', TOKEN]
  const table = await run(['market', 'ls', ...target])
  expect(table.code).toBe(0)
  expect(table.stdout).not.toMatch(/[^\P{C}\n]/u)
  expect(table.stdout.split('\n')).toHaveLength(3)
  const json = await run(['market', 'ls', ...target, '-o', 'json'])
  expect(json.stdout).not.toMatch(/[^\P{C}\n]/u)
  expect(JSON.parse(json.stdout)).toEqual([row])
  server.close()
})

it('makes a wallet once, for its owner alone, and brings it back from its words', { timeout }, async () => {
  const dataDir = join(home, 'wallet')
  const made = await run(['wallet', 'new', '--data-dir', dataDir, '-o', 'json'])
  expect(made.code).toBe(0)
  const { words, address, file } = JSON.parse(made.stdout)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(await run(['wallet', 'backup', '--data-dir', dataDir])).toMatchObject({ code: 0, stdout: `${words}\n` })
  expect((await run(['wallet', 'new', '--data-dir', dataDir])).code).toBe(6)

  const other = join(home, 'restored')
  const restored = await run(['wallet', 'new', '--restore', '--data-dir', other, '-o', 'json'], {}, `${words}\n`)
  expect(JSON.parse(restored.stdout).address).toBe(address)
  const bad = join(home, 'bad')
  expect((await run(['wallet', 'new', '--restore', '--data-dir', bad], {}, 'not these words\n')).code).toBe(2)
  expect(existsSync(join(bad, 'wallet.json'))).toBe(false)
  expect((await run(['wallet', 'backup', '--data-dir', join(home, 'none')])).code).toBe(3)
})

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { zennetTerminal } from './terminal.ts'
import { zennet } from './zennet.ts'

const timeout = 240_000

/** A node that says who asks: each answers with its own version. */
const answering = async (version: string, asked: (token: string) => void): Promise<{ url: string; server: Server }> => {
  const status = { version, network: version, height: 1, roles: [] }
  const effects = { edges: [{ node: { effectId: version, kind: 'k', subject: 's', state: 'OPEN', askedAt: 'now' } }] }
  const server = createServer((request, response) => {
    asked(request.headers.authorization ?? '')
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ data: { status, effects, projections: [] } }))
  }).listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

let home: string
const servers: Server[] = []
const tokens: string[] = []
const urls: Record<string, string> = {}
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'zennet-contexts-'))
  for (const name of ['one', 'two', 'three', 'four', 'five']) {
    const { url, server } = await answering(name, (token) => tokens.push(token))
    servers.push(server)
    urls[name] = url
    writeFileSync(join(home, `${name}.token`), `token-of-${name}`)
    mkdirSync(join(home, name))
    writeFileSync(join(home, name, 'api-token'), `token-of-${name}`)
    writeFileSync(join(home, name, 'api.json'), JSON.stringify({ url }))
  }
})
afterAll(() => {
  for (const server of servers) server.close()
  rmSync(home, { recursive: true, force: true })
})

const run = (args: readonly string[], env: Record<string, string> = {}) => zennet(args, { home, env })
/** Which node was asked, and with which token. */
const asked = async (args: readonly string[], env: Record<string, string> = {}) => {
  tokens.length = 0
  const { stdout, stderr, code } = await run(['effects', 'ls', '-o', 'jsonl', ...args], env)
  return code === 0 ? [JSON.parse(stdout).effectId, tokens[0]?.replace('Bearer ', '')] : { code, stderr }
}
const file = () => join(home, 'config', 'zennet', 'contexts.json')

it('keeps nodes by name, for their owner alone, and never a token', { timeout }, async () => {
  expect(await run(['context', 'ls', '-o', 'json'])).toMatchObject({ code: 0, stdout: '[]\n' })
  const token = join(home, 'one.token')
  expect((await run(['context', 'add', 'first', '--url', urls['one']!, '--token-file', token])).code).toBe(0)
  expect((await run(['context', 'add', 'second', '--data-dir', join(home, 'two')])).code).toBe(0)
  expect(statSync(file()).mode & 0o777).toBe(0o600)
  expect(readFileSync(file(), 'utf8')).not.toContain('token-of-')
  expect((await run(['context', 'use', 'second'])).code).toBe(0)
  expect(JSON.parse((await run(['context', 'ls', '-o', 'json'])).stdout)).toEqual([
    { name: 'first', current: false, url: urls['one'], tokenFile: token },
    { name: 'second', current: true, dataDir: join(home, 'two') },
  ])
})

it('comes last: flag before environment before context', { timeout }, async () => {
  const urlOf = (name: string) => ({ ZENNET_URL: urls[name]!, ZENNET_TOKEN: `token-of-${name}` })
  expect(await asked([])).toEqual(['two', 'token-of-two'])
  expect(await asked([], { ZENNET_CONTEXT: 'first' })).toEqual(['one', 'token-of-one'])
  expect(await asked([], { ...urlOf('three'), ZENNET_CONTEXT: 'first' })).toEqual(['three', 'token-of-three'])
  expect(await asked([], { ZENNET_DATA_DIR: join(home, 'four') })).toEqual(['four', 'token-of-four'])
  expect(await asked(['--context', 'first'], urlOf('three'))).toEqual(['one', 'token-of-one'])
  const strange = { ZENNET_TOKEN: 'token-of-three' }
  expect(await asked([], strange)).toEqual(['two', 'token-of-two'])
  expect(await asked([], { ...strange, ZENNET_CONTEXT: 'first' })).toEqual(['one', 'token-of-one'])
  expect(await asked(['--data-dir', join(home, 'five')], strange)).toEqual(['five', 'token-of-five'])
  expect(await asked(['--url', urls['four']!], strange)).toEqual(['four', 'token-of-three'])
  const five = ['--url', urls['five']!, '--token-file', join(home, 'five.token')]
  expect(await asked(five, { ...urlOf('three'), ZENNET_CONTEXT: 'first' })).toEqual(['five', 'token-of-five'])
  expect(await asked(['--data-dir', join(home, 'five')])).toEqual(['five', 'token-of-five'])
})

it('says what is not there, and forgets what is removed', { timeout }, async () => {
  expect((await run(['lease', 'ls', '--context', 'nobody'])).code).toBe(3)
  expect((await run(['context', 'use', 'nobody'])).code).toBe(3)
  expect((await run(['context', 'add', 'a b', '--url', urls['one']!])).code).toBe(2)
  expect((await run(['context', 'add', 'empty'])).code).toBe(2)
  expect((await run(['context', 'add', 'ftp', '--url', 'ftp://127.0.0.1'])).code).toBe(2)
  expect((await run(['context', 'rm', 'second'])).code).toBe(0)
  expect((await run(['context', 'rm', 'second'])).code).toBe(3)
  expect(JSON.parse((await run(['context', 'ls', '-o', 'json'])).stdout)).toHaveLength(1)
  writeFileSync(file(), '{"contexts":{"a":{"url":5}}}')
  const { code, stderr } = await run(['lease', 'ls'])
  expect(code).toBe(2)
  expect(stderr).toMatch(/cli\.bad-contexts\)\nat fault: you.*\nnext: /)
})

it('prints the address of the page with the token behind #', { timeout }, async () => {
  const { code, stdout } = await run(['dashboard', '--data-dir', join(home, 'one')])
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${urls['one']}/#token=token-of-one\n` })
})

it('opens the page without the token in the list of processes', { timeout }, async () => {
  const bin = join(home, 'bin')
  mkdirSync(bin)
  const seen = join(home, 'seen')
  const opener = `#!/bin/sh\nstat -c %a "$1" "$(dirname "$1")" > '${seen}.new'\necho "$@" >> '${seen}.new'\ncat "$1" >> '${seen}.new'\nmv '${seen}.new' '${seen}'\n`
  writeFileSync(join(bin, 'xdg-open'), opener, { mode: 0o755 })
  const env = { PATH: `${bin}:${join(import.meta.dirname, '../../ops/bin')}:${process.env['PATH']}` }
  const one = zennetTerminal(['dashboard', '--data-dir', join(home, 'one')], { home, env })
  expect(await one.ended).toBe(0)
  const [mode, folderMode, argument, ...page] = readFileSync(seen, 'utf8').split('\n')
  expect([mode, folderMode]).toEqual(['600', '700'])
  expect(argument).toMatch(/^\/.*\.html$/)
  expect(page.join('\n')).toContain(`url=${urls['one']}/#token=token-of-one"`)
  expect(existsSync(argument!)).toBe(false)
})

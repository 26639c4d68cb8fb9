import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Fault } from '../../domain/fault.ts'
import { BY_CODE, EXIT, exitCodeOf } from '../../src/cli/exit-code.ts'
import { nodeCommands } from './every-command.ts'
import { zennet } from './zennet.ts'

const timeout = 600_000
let home: string
let server: Server
let url: string
let code = ''
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'zennet-exit-'))
  server = createServer((_, response) => {
    const extensions = { code, culprit: 'chain', next: 'Do\u001b[2J this.' }
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ errors: [{ message: 'it\u202e failed', extensions }] }))
  }).listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close()
  rmSync(home, { recursive: true, force: true })
})

it.each(Object.entries(BY_CODE))('%s ends with %i', (name, exit) => expect(exitCodeOf(new Fault(name, 'm'))).toBe(exit))

it('ends with 1 for what is not named, and for a bug', () => {
  expect(exitCodeOf(new Fault('no.such-code', 'm'))).toBe(EXIT.fault)
  expect(exitCodeOf(new TypeError('a bug'))).toBe(EXIT.fault)
})

describe('every command that asks a node', async () => {
  // `rent` says what else can be done, `wallet unlock` reads a password first: both end the same.
  it.each(await nodeCommands())(
    'zennet $name ends with the code of what went wrong, and says who is at fault and what to do',
    { timeout },
    async ({ args }) => {
      code = 'insufficient-funds'
      const post = args[0] === 'post' && args[1] === 'create' ? ['--ssh-key', join(import.meta.dirname, 'key.pub')] : []
      const ran = await zennet(
        [...args, ...post, '--url', url, '--token', 'x'.repeat(20), ...(args[0] === 'forget' ? ['--yes'] : [])],
        { home },
      )
      expect({ code: ran.code, stdout: ran.stdout }, ran.stderr).toEqual({ code: EXIT.funds, stdout: '' })
      expect(ran.stderr).toContain(
        'zennet: it\\u{202e} failed (insufficient-funds)\nat fault: the chain\nnext: Do\\x1b[2J this.\n',
      )
    },
  )
})
